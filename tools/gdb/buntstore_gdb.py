"""Pretty printers for gdb: sessions, their ids, items of a database, errors.

    (gdb) source /usr/local/share/buntstore/gdb/buntstore_gdb.py
    (gdb) print session
    $1 = scs::session {state = live, id = "h:6bV...", changes = 2}

Values are shown as text, and cut. A session's token is never printed: an id is shown only if it is
the hash of one. They read libstdc++'s types; what they cannot read they leave to gdb.
"""

import datetime

import gdb

MAX_SHOWN = 80
NEVER = 2**63 - 1


def quoted(data):
    """Bytes as one line of ASCII."""
    cut = data[:MAX_SHOWN]
    text = "".join(chr(b) if 32 <= b < 127 and b != 34 else "\\x%02x" % b for b in cut)
    return '"' + text + '"' + ("... (%d bytes)" % len(data) if len(data) > MAX_SHOWN else "")


def read_memory(address, size):
    size = int(size)
    return bytes(gdb.selected_inferior().read_memory(int(address), size)) if size else b""


def bytes_of(value):
    """Of a std::string or std::string_view."""
    fields = {field.name for field in value.type.strip_typedefs().fields()}
    if "_M_str" in fields:
        return read_memory(value["_M_str"], value["_M_len"])
    return read_memory(value["_M_dataplus"]["_M_p"], value["_M_string_length"])


def time_of(value):
    """Of a time_point in nanoseconds: UTC, or never."""
    nanoseconds = int(value["__d"]["__r"])
    if nanoseconds == NEVER:
        return "never"
    seconds, rest = divmod(nanoseconds, 10**9)
    try:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return "%d ns" % nanoseconds
    return moment.isoformat() + (".%09d" % rest if rest else "") + "Z"


class Printer:
    """One line; an error of reading leaves the value to gdb."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return self.text()


class SessionId(Printer):
    def text(self):
        return quoted(id_bytes(self.value))


def id_bytes(value):
    return read_memory(value["bytes_"].address, value["size_"])


def shown_id(value):
    text = id_bytes(value)
    if not text:
        return "none"
    return quoted(text) if text.startswith(b"h:") else "hidden (a token)"


class Error(Printer):
    def text(self):
        tag = self.value.type.strip_typedefs().unqualified().tag
        # A program without the library's debug information does not say what an error consists of:
        # a std::system_error, which in libstdc++ is a table of functions, a pointer to its text, the
        # code's number and its category; and the message, a std::runtime_error of such a table and
        # a pointer to the text.
        size = gdb.lookup_type("void").pointer().sizeof
        number = int(raw(self.value.address, 2 * size, "int"))
        text = raw(self.value.address, 5 * size, "char", pointers=1)
        name = enumerator(tag.rsplit("::", 1)[0] + "::errc", number)
        message = text.string(errors="backslashreplace").encode()
        return "%s {%s, %s}" % (tag, name, quoted(message))


def raw(address, offset, kind, pointers=0):
    """What lies some bytes after the address."""
    wanted = gdb.lookup_type(kind)
    for _ in range(pointers):
        wanted = wanted.pointer()
    return (address.cast(gdb.lookup_type("char").pointer()) + offset).cast(
        wanted.pointer()
    ).dereference()


def enumerator(enum, number):
    for field in gdb.lookup_type(enum).fields():
        if field.enumval == number:
            return field.name.rsplit("::", 1)[-1]
    return "code %d" % number


class Item(Printer):
    """found_item, copied_item, expired_item and change: whatever of this they have."""

    def text(self):
        kind = self.value.type.strip_typedefs().unqualified()
        parts = []
        for field in kind.fields():
            value = self.value[field.name]
            if field.name in ("key", "value"):
                shown = quoted(bytes_of(value))
            elif field.name == "expires_at":
                shown = time_of(value)
            elif field.name == "kind":
                shown = str(value).rsplit("::", 1)[-1]
            else:
                shown = str(int(value))
            parts.append("%s = %s" % (field.name, shown))
        return "%s {%s}" % (kind.tag, ", ".join(parts))


class Session(Printer):
    def text(self):
        pointer = raw(self.value.address, 0, "void", pointers=1)  # its only member
        if int(pointer) == 0:
            return "scs::session {moved from}"
        try:
            state = pointer.cast(gdb.lookup_type("scs::detail::session_state").pointer())
            state["change_count_"]
        except gdb.error:
            return "scs::session {the library has no debug information}"
        loaded = state["data_"]["loaded"]
        return "scs::session {state = %s, id = %s, changes = %d}" % (
            str(loaded["kind_"]).rsplit("::", 1)[-1],
            shown_id(loaded["id_"]),
            int(state["change_count_"]),
        )


class Guarded:
    """gdb shows what the printer cannot read as it would without it."""

    def __init__(self, printer):
        self.printer = printer

    def to_string(self):
        try:
            return self.printer.to_string()
        except (gdb.error, KeyError, TypeError, UnicodeError) as problem:
            return "%s (not read: %s)" % (self.printer.value.type, problem)


PRINTERS = {
    "scs::session_id": SessionId,
    "scs::session": Session,
    "scs::error": Error,
    "buntdb::error": Error,
    "buntdb::found_item": Item,
    "buntdb::copied_item": Item,
    "buntdb::expired_item": Item,
    "buntdb::change": Item,
}


def printer_for(value):
    tag = value.type.strip_typedefs().unqualified().tag
    made = PRINTERS.get(tag)
    return Guarded(made(value)) if made else None


printer_for.name = "buntstore"
printer_for.enabled = True


def register():
    for known in gdb.pretty_printers:
        if getattr(known, "name", None) == "buntstore":
            return
    gdb.pretty_printers.append(printer_for)


register()
