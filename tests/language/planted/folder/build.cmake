set(text "it's # behind")  # it's behind
