# How long files and functions may be, in lines. Read by check_sizes.cmake.

# sizes(FOLDER… FILES n FUNCTIONS n): of all C++ files below these folders.
sizes(buntdb/include buntdb/src buntdb/collate buntdb/control FILES 400 FUNCTIONS 60)
sizes(buntdb/tests FILES 500 FUNCTIONS 60)

sizes(scs/include scs/src stores/include stores/src http/include tools FILES 400 FUNCTIONS 60)
sizes(attacks bench examples/demo examples/todo fuzz FILES 400 FUNCTIONS 60)

# A suite or a test file is read from top to bottom, so it may be longer.
sizes(scs/tests http/tests stores/tests tests examples/guide FILES 500 FUNCTIONS 60)

# A new developer can read it in one sitting.
page(ARCHITECTURE.md LINES 250 COLUMNS 100)
