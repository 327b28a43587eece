#!/usr/bin/env python3
"""Writes dequantise.json: blocks of every tensor format and what llama.cpp decodes them to.

    npm install --ignore-scripts node-llama-cpp@3.22     (anywhere outside the repository)
    python3 make.py .../node_modules/@node-llama-cpp/linux-x64/bins/linux-x64

Half of the blocks come from the peer's own quantiser on Gaussian rows, half are random bytes whose
f16 fields were made finite, so that every bit pattern of the weights and scales occurs.
"""
import base64
import ctypes
import json
import pathlib
import random
import struct
import sys

# name: (ggml_type, offsets of f16 fields in a block)
FORMATS = {
    "F32": (0, []), "F16": (1, [0]), "BF16": (30, [0]),
    "Q4_0": (2, [0]), "Q4_1": (3, [0, 2]), "Q5_0": (6, [0]), "Q5_1": (7, [0, 2]), "Q8_0": (8, [0]),
    "Q2_K": (10, [80, 82]), "Q3_K": (11, [108]), "Q4_K": (12, [0, 2]), "Q5_K": (13, [0, 2]), "Q6_K": (14, [208]),
    "IQ4_NL": (20, [0]), "IQ3_S": (21, [0]), "IQ4_XS": (23, [0]), "MXFP4": (39, []),
    "TQ1_0": (34, [52]), "TQ2_0": (35, [64]),
}


class Traits(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("length", ctypes.c_int64), ("interleave", ctypes.c_int64),
                ("bytes", ctypes.c_size_t), ("quantized", ctypes.c_bool), ("to_float", ctypes.c_void_p)]


def main(folder):
    ggml = ctypes.CDLL(str(pathlib.Path(folder) / "libggml-base.so"))
    ggml.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
    ggml.ggml_quantize_chunk.restype = ctypes.c_size_t
    ggml.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64,
                                         ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
    decode_type = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    rng = random.Random(5311)
    cases = []
    for name, (number, halves) in FORMATS.items():
        traits = ggml.ggml_get_type_traits(number).contents
        length, size = traits.length, traits.bytes
        weights = 512 if length == 256 else 256 if length == 32 else 64
        if number == 0:
            source = struct.pack(f"<{weights}f", *[rng.gauss(0, 1) for _ in range(weights)])
            cases.append({"format": name, "blocks": base64.b64encode(source).decode(),
                          "values": base64.b64encode(source).decode()})
            continue
        row = (ctypes.c_float * weights)(*[rng.gauss(0, 1) for _ in range(weights)])
        made = ctypes.create_string_buffer(weights // length * size)
        importance = (ctypes.c_float * weights)(*[1.0] * weights)
        ggml.ggml_quantize_chunk(number, row, made, 0, 1, weights, importance)
        noise = bytearray(rng.randbytes(weights // length * size))
        for block in range(0, len(noise), size):
            for at in halves:
                field = rng.choice([0x0001, 0x03FF, 0x8200, 0x2C00 | rng.randrange(1024), 0xA800 | rng.randrange(1024)])
                noise[block + at:block + at + 2] = struct.pack("<H", field)
            if number == 39:
                noise[block] = rng.choice([0, 1, 2, 120, 127, 135])
        blocks = made.raw + bytes(noise)
        values = (ctypes.c_float * (2 * weights))()
        decode_type(traits.to_float)(ctypes.create_string_buffer(blocks, len(blocks)), values, 2 * weights)
        cases.append({"format": name, "blocks": base64.b64encode(blocks).decode(),
                      "values": base64.b64encode(bytes(values)).decode()})
    target = pathlib.Path(__file__).parent / "dequantise.json"
    target.write_text(json.dumps({"source": "node-llama-cpp 3.22, libggml-base, make.py", "cases": cases},
                                 indent=1) + "\n")


main(sys.argv[1])
