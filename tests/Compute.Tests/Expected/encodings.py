"""Writes encodings.json: instructions in Intel syntax and the bytes that GNU as makes of them.

usage: python3 encodings.py   (needs binutils)
"""
import json
import pathlib
import subprocess
import tempfile

GENERAL = ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"]
DISTANCES = [0, 4, 12, 64, 508, 512, 704, 8128, 8192, -4, -64, -512, -516, -8192, -8256, 100000]

LAST_ANYWHERE = [
    "vpandd", "vpord", "vpxord", "vpaddd", "vpsubd", "vaddps", "vmulps", "vpdpbusd", "vfmadd231ps",
]


def registers(count):
    """Triples in which each register from 0 to 31 takes each place."""
    return [tuple((i * factor + shift) % 32 for factor, shift in [(1, 0), (7, 5), (11, 17)][:count]) for i in range(32)]


def place(i, size, broadcast=False):
    distance = DISTANCES[i % len(DISTANCES)]
    sign = "-" if distance < 0 else "+"
    inner = GENERAL[i % len(GENERAL)] + (f"{sign}{abs(distance)}" if distance else "")
    return f"{size} ptr [{inner}]" + ("{1to16}" if broadcast else "")


def lines():
    for name in LAST_ANYWHERE + ["vpshufb"]:
        for a, b, c in registers(3):
            yield f"{name} zmm{a}, zmm{b}, zmm{c}"
    for a, b in registers(2):
        yield f"vcvtdq2ps zmm{a}, zmm{b}"
    for name in LAST_ANYWHERE:
        for i, (a, b) in enumerate(registers(2)):
            yield f"{name} zmm{a}, zmm{b}, {place(i, 'dword', broadcast=True)}"
            yield f"{name} zmm{a}, zmm{b}, {place(i + 5, 'zmmword')}"
        yield f"{name} zmm9, zmm30, dword ptr [rip-700]{{1to16}}"
    for name in ["vpslld", "vpsrld", "vpsrad"]:
        for i, (a, b) in enumerate(registers(2)):
            yield f"{name} zmm{a}, zmm{b}, {i}"
    for i in range(32):
        yield f"vbroadcasti32x4 zmm{i}, {place(i, 'xmmword')}"
        yield f"vpmovzxbd zmm{i}, {place(i, 'xmmword')}"
        yield f"vpmovzxwd zmm{i}, {place(i, 'ymmword')}"
        yield f"prefetcht1 {place(i, 'byte')}"
    yield "vbroadcasti32x4 zmm20, xmmword ptr [rip-16]"
    yield "vpbroadcastd zmm5, dword ptr [rip+1000]"
    for i in range(32):
        yield f"vmovups zmm{i}, {place(i, 'zmmword')}"
        yield f"vmovups {place(i, 'zmmword')}, zmm{i}"
        yield f"vpbroadcastd zmm{i}, {place(i, 'dword')}"
    for a in GENERAL:
        for b in GENERAL:
            yield f"mov {a}, {b}"
        yield f"dec {a}"
        for value in [1, 64, 127, -128]:
            yield f"add {a}, {value}"
        if a != "rax":  # GNU as has a shorter form for rax
            yield f"add {a}, 768"
            yield f"add {a}, -129"
    for distance in [0, 50, 126, 127, 4000]:
        yield f"jnz .-{distance}"
    yield "vzeroupper"
    yield "ret"


def encode(instructions):
    with tempfile.TemporaryDirectory() as folder:
        source, binary, raw = (pathlib.Path(folder) / name for name in ["a.s", "a.o", "a.bin"])
        body = "".join(f"L{i}: {text}\n" for i, text in enumerate(instructions))
        source.write_text(f".intel_syntax noprefix\n{body}L{len(instructions)}:\n")
        # L labels are kept for nm.
        subprocess.run(["as", "--64", "-L", "-o", binary, source], check=True)
        subprocess.run(["objcopy", "-O", "binary", "-j", ".text", binary, raw], check=True)
        symbols = subprocess.run(["nm", binary], check=True, capture_output=True, text=True).stdout.split("\n")
        at = {name: int(address, 16) for address, _, name in (line.split() for line in symbols if line)}
        code = raw.read_bytes()
        return [code[at[f"L{i}"]:at[f"L{i + 1}"]].hex() for i in range(len(instructions))]


texts = list(lines())
entries = [json.dumps([text, code]) for text, code in zip(texts, encode(texts))]
pathlib.Path(__file__).with_name("encodings.json").write_text("[\n" + ",\n".join(entries) + "\n]\n")
