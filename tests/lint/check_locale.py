# SPDX-License-Identifier: MIT
"""Finds functions whose result depends on the locale, which is the application's to set.

base/c_locale.h and base/ascii.h have what to use in their place.
"""

from __future__ import annotations

import re
import sys

from source_tree import ROOT, code_of, cpp_files, place, report

# Where the C locale is asked for by name.
EXEMPT = ROOT / "src/base/c_locale.cc"

FUNCTIONS = {
    "names of days and months": "strftime wcsftime strptime put_time get_time",
    "messages": "strerror strerror_r perror psignal strsignal gai_strerror hstrerror "
    "generic_category system_category",
    "classes of letters": "isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct "
    "isspace isupper isxdigit tolower toupper",
    "comparison": "strcasecmp strncasecmp strcasestr strcoll strxfrm wordexp regcomp regex wregex",
    "decimal points": "strtod strtof strtold atof stod stof stold printf fprintf dprintf sprintf "
    "snprintf vprintf vfprintf vdprintf vsprintf vsnprintf asprintf vasprintf scanf fscanf sscanf",
    "the locale itself": "setlocale localeconv",
}
CALL = {
    name: re.compile(rf"(?<![\w.>])(?:std::|::)*{name}\b(?!_)")
    for names in FUNCTIONS.values()
    for name in names.split()
}
KIND = {name: kind for kind, names in FUNCTIONS.items() for name in names.split()}


def main() -> int:
    problems = []
    for path in cpp_files("src", "include"):
        if path == EXEMPT:
            continue
        for number, line in enumerate(code_of(path.read_text()).splitlines(), 1):
            problems += [
                f"{place(path, number)}: {name}: {KIND[name]} of the application's locale, "
                "see src/base/c_locale.h and src/base/ascii.h"
                for name, call in CALL.items()
                if call.search(line)
            ]
    return report(problems)


if __name__ == "__main__":
    sys.exit(main())
