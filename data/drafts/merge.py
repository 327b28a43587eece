#!/usr/bin/env python3
"""Puts drafts into books: data/drafts/merge.py data

A draft, NAME.LANGUAGE.txt, has lines `= topic` and `? a way to ask`. Each way to ask goes before the first answer of its topic, unless
it stands there already. Drafts wait here since the books are those that the Guide was trained on: what changes them makes another one.
"""
import pathlib
import sys

folder, drafts = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
for language in ("en", "fr"):
    asked = {}
    for draft in sorted(drafts.glob(f"*.{language}.txt")):
        topic = None
        for line in draft.read_text(encoding="utf-8").splitlines():
            if line.startswith("= "):
                topic = line.split()[1]
            elif line.startswith("? "):
                asked.setdefault(topic, {})[line.rstrip()] = None
    added = 0
    for book in sorted((folder / "books" / language).glob("*.book")):
        lines, topic, there = [], None, set()
        for line in book.read_text(encoding="utf-8").splitlines():
            if line.startswith("= "):
                topic, there = line.split()[1], set()
            there.add(line)
            if line[:1] in ("!", ">") and topic in asked:
                new = [question for question in asked.pop(topic) if question not in there]
                lines += new
                added += len(new)
            lines.append(line)
        book.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{language}: {added} lines added" + (f"; no such topic: {', '.join(asked)}" if asked else ""))
