#!/usr/bin/env python3
"""Makes peer-samplers.json: what llama.cpp's samplers make of fixed logits.

usage: peer-samplers.py LIBRARY_FOLDER MODEL.gguf > peer-samplers.json

LIBRARY_FOLDER holds libllama and libggml of llama.cpp (the npm package node-llama-cpp brings them in
node_modules/@node-llama-cpp/linux-x64/bins/linux-x64). MODEL.gguf is the tests' tiny model, whose tokens 0 to 255 are
the bytes; only DRY looks at it, for the spelling of its sequence breakers.
"""
import ctypes as c
import glob
import json
import math
import sys

folder, model_path = sys.argv[1:]
VOCABULARY = 128


class Data(c.Structure):
    _fields_ = [("id", c.c_int32), ("logit", c.c_float), ("p", c.c_float)]


class Array(c.Structure):
    _fields_ = [("data", c.POINTER(Data)), ("size", c.c_size_t), ("selected", c.c_int64), ("sorted", c.c_bool)]


class Bias(c.Structure):
    _fields_ = [("token", c.c_int32), ("bias", c.c_float)]


class Params(c.Structure):
    # Larger than llama_model_params in any version; it travels by value and is only handed back.
    _fields_ = [("bytes", c.c_ubyte * 512)]


def library(name):
    return c.CDLL(glob.glob(f"{folder}/{name}*.so*")[0], mode=c.RTLD_GLOBAL)


library("libggml-base")
ggml = library("libggml.v")
llama = library("libllama.v")
quiet = c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)(lambda level, text, data: None)
llama.llama_log_set(quiet, None)
ggml.ggml_backend_load_all_from_path(folder.encode())
llama.llama_model_default_params.restype = Params
llama.llama_model_load_from_file.argtypes = [c.c_char_p, Params]
for name in ["model_load_from_file", "model_get_vocab", "sampler_init_top_k", "sampler_init_top_p",
             "sampler_init_min_p", "sampler_init_typical", "sampler_init_temp", "sampler_init_penalties",
             "sampler_init_logit_bias", "sampler_init_dry"]:
    getattr(llama, "llama_" + name).restype = c.c_void_p
model = llama.llama_model_load_from_file(model_path.encode(), llama.llama_model_default_params())
assert model, "the model does not load"
llama.llama_model_get_vocab.argtypes = [c.c_void_p]
vocab = llama.llama_model_get_vocab(model)
llama.llama_sampler_apply.argtypes = [c.c_void_p, c.POINTER(Array)]
llama.llama_sampler_accept.argtypes = [c.c_void_p, c.c_int32]


def chain(o):
    """The samplers that the options need, in llama.cpp's default order."""
    f = c.c_float
    if o.get("LogitBias"):
        biases = (Bias * len(o["LogitBias"]))(*[Bias(int(k), v) for k, v in o["LogitBias"].items()])
        yield llama.llama_sampler_init_logit_bias(VOCABULARY, len(biases), biases)
    yield llama.llama_sampler_init_penalties(
        VOCABULARY, o.get("RepeatWindow", 64), f(o.get("RepeatPenalty", 1)),
        f(o.get("FrequencyPenalty", 0)), f(o.get("PresencePenalty", 0)))
    if o.get("DryMultiplier"):
        texts = [text.encode() for text in o.get("DrySequenceBreakers", ["\n", ":", "\"", "*"])]
        breakers = (c.c_char_p * len(texts))(*texts)
        yield llama.llama_sampler_init_dry(
            c.c_void_p(vocab), f(o["DryMultiplier"]), f(o.get("DryBase", 1.75)), o.get("DryAllowedLength", 2),
            o.get("DryWindow", 4096), breakers, c.c_size_t(len(texts)))
    if o.get("TopK"):
        yield llama.llama_sampler_init_top_k(o["TopK"])
    if "TypicalP" in o:
        yield llama.llama_sampler_init_typical(f(o["TypicalP"]), c.c_size_t(1))
    if "TopP" in o:
        yield llama.llama_sampler_init_top_p(f(o["TopP"]), c.c_size_t(1))
    if "MinP" in o:
        yield llama.llama_sampler_init_min_p(f(o["MinP"]), c.c_size_t(1))
    if "Temperature" in o:
        yield llama.llama_sampler_init_temp(f(o["Temperature"]))


def run(options, history, logits):
    samplers = list(chain(options))
    for sampler in samplers:
        for token in history:
            llama.llama_sampler_accept(sampler, token)
    data = (Data * VOCABULARY)(*[Data(i, logit, 0) for i, logit in enumerate(logits)])
    array = Array(data, VOCABULARY, -1, False)
    for sampler in samplers:
        llama.llama_sampler_apply(sampler, c.byref(array))
    # A temperature of 0 leaves the others in place at minus infinity.
    left = [(array.data[i].id, array.data[i].logit) for i in range(array.size)]
    return sorted((i, float(f"{logit:.6g}")) for i, logit in left if logit > -1e30)


def made_logits(seed, scale):
    """Sums of four uniforms of a congruential generator: near enough to a bell."""
    state, out = seed, []
    for _ in range(VOCABULARY):
        total = 0
        for _ in range(4):
            state = (state * 1103515245 + 12345) % 2**31
            total += state / 2**31 - 0.5
        out.append(round(total * scale, 4))
    return out


LOGITS = {"wide": made_logits(1, 8), "flat": made_logits(2, 0.5), "peaked": made_logits(3, 2)}
LOGITS["peaked"][42] = 12.0
LOGITS["peaked"][65] = 11.0
VERSE = "the cat sat on the mat, the cat sat on the hat; and the cat sat on the"
LIST = "one: red fish\ntwo: red fish\nthree: red fi"
QUOTE = "she said END of day and he said END of d"

CASES = [
    ("logit bias", "wide", {"LogitBias": {"3": 5.5, "77": -100.0}}, ""),
    ("top-k 1", "wide", {"TopK": 1}, ""),
    ("top-k 7", "wide", {"TopK": 7}, ""),
    ("top-k above the vocabulary", "flat", {"TopK": 500}, ""),
    ("top-p 0.9", "wide", {"TopP": 0.9}, ""),
    ("top-p 0.5 flat", "flat", {"TopP": 0.5}, ""),
    ("top-p 0.3 peaked", "peaked", {"TopP": 0.3}, ""),
    ("top-p 0 keeps one", "wide", {"TopP": 0.0}, ""),
    ("min-p 0.05", "wide", {"MinP": 0.05}, ""),
    ("min-p 0.5 flat", "flat", {"MinP": 0.5}, ""),
    ("min-p 1", "wide", {"MinP": 1.0}, ""),
    ("typical 0.2", "wide", {"TypicalP": 0.2}, ""),
    ("typical 0.5 flat", "flat", {"TypicalP": 0.5}, ""),
    ("typical 0.95 peaked", "peaked", {"TypicalP": 0.95}, ""),
    ("temperature 0.5", "wide", {"Temperature": 0.5}, ""),
    ("temperature 1.7", "peaked", {"Temperature": 1.7}, ""),
    ("temperature 0", "wide", {"Temperature": 0.0}, ""),
    ("repeat 1.3", "wide", {"RepeatPenalty": 1.3}, VERSE),
    ("repeat 1.3, window 10", "wide", {"RepeatPenalty": 1.3, "RepeatWindow": 10}, VERSE),
    ("window 0 looks at nothing", "wide", {"RepeatPenalty": 1.3, "RepeatWindow": 0}, VERSE),
    ("presence 1.5", "wide", {"PresencePenalty": 1.5}, VERSE),
    ("frequency 0.25", "wide", {"FrequencyPenalty": 0.25}, VERSE),
    ("negative penalties", "wide", {"FrequencyPenalty": -0.5, "PresencePenalty": -1.0}, VERSE),
    ("all penalties", "wide",
     {"RepeatPenalty": 1.1, "FrequencyPenalty": 0.2, "PresencePenalty": 0.4, "RepeatWindow": 30}, VERSE),
    ("DRY 0.8", "wide", {"DryMultiplier": 0.8}, VERSE),
    ("DRY without breakers", "wide", {"DryMultiplier": 0.8, "DrySequenceBreakers": []}, LIST),
    ("DRY stops at a breaker", "wide", {"DryMultiplier": 0.8}, LIST),
    ("DRY after a breaker", "wide", {"DryMultiplier": 0.8}, LIST + ":"),
    ("DRY, breaker over several tokens", "wide", {"DryMultiplier": 0.8, "DrySequenceBreakers": ["END"]}, QUOTE),
    ("DRY, allowed 5, base 1.2", "wide", {"DryMultiplier": 2.0, "DryBase": 1.2, "DryAllowedLength": 5}, VERSE),
    ("DRY, window 20", "wide", {"DryMultiplier": 0.8, "DryWindow": 20}, VERSE),
    ("DRY, one letter for ever", "wide", {"DryMultiplier": 0.01, "DryBase": 1.05}, "a" * 100),
    ("DRY, nothing repeated", "wide", {"DryMultiplier": 0.8}, "abcdefg"),
    ("usual chain", "wide", {"TopK": 40, "TopP": 0.95, "MinP": 0.05, "Temperature": 0.8}, ""),
    ("whole chain", "wide",
     {"LogitBias": {"32": 3.0}, "RepeatPenalty": 1.1, "PresencePenalty": 0.5, "DryMultiplier": 0.8, "TopK": 60,
      "TypicalP": 0.9, "TopP": 0.9, "MinP": 0.02, "Temperature": 1.3}, VERSE),
    ("chain on flat logits", "flat", {"TopK": 100, "TypicalP": 0.7, "TopP": 0.8, "MinP": 0.3, "Temperature": 0.6}, ""),
]

cases = []
for name, logits, options, history in CASES:
    tokens = list(history.encode())
    left = run(options, tokens, LOGITS[logits])
    same = {i: float(f"{x:.6g}") for i, x in enumerate(LOGITS[logits])}
    case = {"name": name, "logits": logits, "options": options, "history": history}
    if len(left) == VOCABULARY and "Temperature" not in options:
        case["changed"] = [[i, x] for i, x in left if not math.isclose(same[i], x, abs_tol=1e-6)]
    else:
        case["left"] = [[i, x] for i, x in left]
    cases.append(case)
lines = ",\n".join(" " + json.dumps(case) for case in cases)
print('{"note": "made by peer-samplers.py with llama.cpp; ids and logits that its samplers leave",')
print(f' "logits": {json.dumps(LOGITS)},\n "cases": [\n{lines}\n]}}')
