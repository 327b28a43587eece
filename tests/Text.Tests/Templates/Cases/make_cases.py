#!/usr/bin/env python3
"""Writes what Jinja gives into cases.json, for every case that the file lists.

Add a case as {"template": "...", "vars": {...}} and run this again; it needs python3-jinja2 (3.1). The environment
is set up as Hugging Face transformers sets it up for chat templates. list.pop and list.clear pass, as they do in
the sandbox of Jinja 3.1.2 to 3.1.5.
"""
import datetime
import json
import pathlib
import warnings

import jinja2
import jinja2.sandbox
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols

NOW = datetime.datetime(2026, 7, 14, 15, 9, 26)
warnings.simplefilter("ignore")


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    jinja2.sandbox._mutable_spec = tuple(
        (kind, names - {"pop", "clear"} if "append" in names else names)
        for kind, names in jinja2.sandbox._mutable_spec)
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def main():
    path = pathlib.Path(__file__).with_name("cases.json")
    env = environment()
    cases = []
    for case in json.loads(path.read_text(encoding="utf-8")):
        case = {key: case[key] for key in ("template", "vars") if key in case}
        try:
            case["expected"] = env.from_string(case["template"]).render(**case.get("vars", {}))
        except Exception as error:
            case["error"] = type(error).__name__
        cases.append(case)
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
