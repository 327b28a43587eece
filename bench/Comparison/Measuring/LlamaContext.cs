using System.Numerics;
using System.Runtime.InteropServices;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>A model open in llama.cpp, through its C API and with its own defaults but for context, threads and sequences.</summary>
/// <remarks>
/// Structures are passed as blocks of bytes at least as large as they are: the ABI passes them through memory, so that
/// a larger block does no harm. The few fields that are set were checked against the library's own defaults.
/// </remarks>
internal sealed class LlamaContext : IDisposable
{
    /// <summary>Tokens of a batch: <c>llama_context_default_params().n_batch</c>.</summary>
    public const int BatchLength = 2048;

    private static readonly LogCallback Quiet = (_, _, _) => { };
    private readonly nint _model;
    private readonly nint _context;
    private readonly nint _memory;
    private readonly Decode _decode;
    private readonly BatchOf _batchOf;
    private readonly Clear _clear;
    private readonly Remove _remove;
    private readonly LogitsAt _logitsAt;
    private readonly Free _freeModel;
    private readonly Free _freeContext;

    /// <summary>Opens a model.</summary>
    /// <param name="folder">Where <c>libllama</c> and <c>libggml</c> are.</param>
    /// <param name="path">The GGUF file.</param>
    /// <param name="context">Tokens of each sequence.</param>
    /// <param name="threads">Threads for prompts and generation.</param>
    /// <param name="instructions">Which of its variants: the best that it finds itself, or one.</param>
    /// <param name="sequences">Sequences that run together.</param>
    public LlamaContext(
        string folder, string path, int context, int threads, InstructionSet instructions, int sequences = 1)
    {
        nint ggml = Library(folder, "libggml.");
        nint llama = Library(folder, "libllama.");
        Function<SetLog>(llama, "llama_log_set")(Quiet, 0);
        if (instructions.PeerVariant is not { } variant)
            Function<LoadBackends>(ggml, "ggml_backend_load_all_from_path")(folder);
        else if (Function<LoadBackend>(ggml, "ggml_backend_load")(Path.Combine(folder, variant)) == 0)
            throw new InvalidDataException($"llama.cpp does not load its variant {variant}.");
        Variant = LoadedVariant(instructions.PeerVariant);
        Instructions = Features(Marshal.PtrToStringUTF8(Function<Text>(llama, "llama_print_system_info")()) ?? "");
        instructions.VerifyPeer(Instructions);
        _model = Function<LoadModel>(llama, "llama_model_load_from_file")(
            path, Function<ModelDefaults>(llama, "llama_model_default_params")());
        if (_model == 0)
            throw new InvalidDataException($"llama.cpp does not load {path}.");
        var parameters = Function<ContextDefaults>(llama, "llama_context_default_params")();
        if (parameters is not { Context: 512, Batch: BatchLength, MicroBatch: 512, Sequences: 1, Threads: 4, BatchThreads: 4, Keys: 1, Values: 1 })
            throw new NotSupportedException("This version of llama.cpp lays out llama_context_params differently.");
        parameters.Context = checked((uint)context * (uint)sequences);
        parameters.Sequences = (uint)sequences;
        parameters.Threads = parameters.BatchThreads = threads;
        _context = Function<NewContext>(llama, "llama_init_from_model")(_model, parameters);
        if (_context == 0)
            throw new InvalidDataException($"llama.cpp makes no context of {context} tokens.");
        _memory = Function<Of>(llama, "llama_get_memory")(_context);
        Vocabulary = Function<Count>(llama, "llama_vocab_n_tokens")(Function<Of>(llama, "llama_model_get_vocab")(_model));
        _decode = Function<Decode>(llama, "llama_decode");
        _batchOf = Function<BatchOf>(llama, "llama_batch_get_one");
        _clear = Function<Clear>(llama, "llama_memory_clear");
        _remove = Function<Remove>(llama, "llama_memory_seq_rm");
        _logitsAt = Function<LogitsAt>(llama, "llama_get_logits_ith");
        _freeModel = Function<Free>(llama, "llama_model_free");
        _freeContext = Function<Free>(llama, "llama_free");
    }

    private delegate void LogCallback(int level, nint text, nint data);

    private delegate void SetLog(LogCallback callback, nint data);

    private delegate void LoadBackends([MarshalAs(UnmanagedType.LPUTF8Str)] string folder);

    private delegate nint LoadBackend([MarshalAs(UnmanagedType.LPUTF8Str)] string path);

    private delegate nint Text();

    private delegate Block ModelDefaults();

    private delegate ContextParameters ContextDefaults();

    private delegate nint LoadModel([MarshalAs(UnmanagedType.LPUTF8Str)] string path, Block parameters);

    private delegate nint NewContext(nint model, ContextParameters parameters);

    private delegate nint Of(nint owner);

    private delegate int Count(nint vocabulary);

    private delegate BatchParameters BatchOf(nint tokens, int count);

    private delegate int Decode(nint context, BatchParameters batch);

    private delegate void Clear(nint memory, [MarshalAs(UnmanagedType.U1)] bool data);

    [return: MarshalAs(UnmanagedType.U1)]
    private delegate bool Remove(nint memory, int sequence, int from, int to);

    private delegate nint LogitsAt(nint context, int index);

    private delegate void Free(nint owner);

    /// <summary>Which of its variants runs.</summary>
    public string Variant { get; }

    /// <summary>Which instructions it runs on.</summary>
    public string Instructions { get; }

    /// <summary>Tokens in the vocabulary.</summary>
    public int Vocabulary { get; }

    /// <summary>Forgets all keys and values.</summary>
    public void Forget() => _clear(_memory, data: false);

    /// <summary>Forgets a sequence from a position on.</summary>
    public void Forget(int sequence, int from)
    {
        if (!_remove(_memory, sequence, from, -1))
            throw new InvalidOperationException("llama_memory_seq_rm failed.");
    }

    /// <summary>Reads tokens of the one sequence; the last one has logits.</summary>
    public unsafe void Read(ReadOnlySpan<int> tokens)
    {
        for (int read = 0; read < tokens.Length; read += BatchLength)
        {
            var part = tokens.Slice(read, Math.Min(BatchLength, tokens.Length - read));
            fixed (int* first = part)
                Check(_decode(_context, _batchOf((nint)first, part.Length)));
        }
    }

    /// <summary>Reads tokens of several sequences in one batch.</summary>
    /// <param name="tokens">Token, sequence, position, and whether it has logits.</param>
    public unsafe void Read(IReadOnlyList<(int Token, int Sequence, int Position, bool Logits)> tokens)
    {
        int n = tokens.Count;
        int* ids = stackalloc int[n], positions = stackalloc int[n], numbers = stackalloc int[n];
        int* sequences = stackalloc int[n];
        int** lists = stackalloc int*[n];
        sbyte* logits = stackalloc sbyte[n];
        for (int i = 0; i < n; i++)
        {
            (ids[i], sequences[i], positions[i], logits[i]) =
                (tokens[i].Token, tokens[i].Sequence, tokens[i].Position, (sbyte)(tokens[i].Logits ? 1 : 0));
            numbers[i] = 1;
            lists[i] = sequences + i;
        }

        Check(_decode(_context, new BatchParameters
        {
            Count = n,
            Tokens = (nint)ids,
            Positions = (nint)positions,
            SequenceCounts = (nint)numbers,
            Sequences = (nint)lists,
            Logits = (nint)logits,
        }));
    }

    /// <summary>The most probable token after a token of the last batch.</summary>
    /// <param name="index">Which; -1 is the last that has logits.</param>
    public unsafe int Greedy(int index)
    {
        var logits = new ReadOnlySpan<float>((float*)_logitsAt(_context, index), Vocabulary);
        var most = new Vector<float>(float.NegativeInfinity);
        int i = 0;
        for (; i + Vector<float>.Count <= logits.Length; i += Vector<float>.Count)
            most = Vector.Max(most, new Vector<float>(logits[i..]));
        float best = float.NegativeInfinity;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
            best = Math.Max(best, most[lane]);
        for (; i < logits.Length; i++)
            best = Math.Max(best, logits[i]);
        return logits.IndexOf(best);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _freeContext(_context);
        _freeModel(_model);
    }

    private static void Check(int problem)
    {
        if (problem != 0)
            throw new InvalidOperationException($"llama_decode failed with {problem}.");
    }

    /// <summary>The one variant that is mapped into this process, as the system tells it.</summary>
    /// <exception cref="InvalidOperationException">None or several are, or another than was asked for.</exception>
    private static string LoadedVariant(string? wanted)
    {
        string[] loaded =
        [
            .. File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf('/') + 1)..])
                .Where(name => name.StartsWith("libggml-cpu-", StringComparison.Ordinal)).Distinct(),
        ];
        return loaded is [var one] && (wanted ?? one) == one
            ? one
            : throw new InvalidOperationException(
                $"llama.cpp should have loaded {wanted ?? "one variant"}; it has {string.Join(", ", loaded)}.");
    }

    /// <summary>The vectors among the features that the library says it was built with, the widest it has at least.</summary>
    private static string Features(string information) => string.Join(
        ' ',
        information.Split(['|', ':'], StringSplitOptions.TrimEntries)
            .Where(feature => feature.EndsWith("= 1", StringComparison.Ordinal) &&
                feature.StartsWith("AVX", StringComparison.Ordinal))
            .Select(feature => feature[..^"= 1".Length].Trim()).Distinct());

    private static nint Library(string folder, string prefix) => NativeLibrary.Load(
        Directory.EnumerateFiles(folder, prefix + "*").Order().First());

    private static T Function<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Block;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct ContextParameters
    {
        [FieldOffset(0)]
        public uint Context;

        [FieldOffset(4)]
        public uint Batch;

        [FieldOffset(8)]
        public uint MicroBatch;

        [FieldOffset(12)]
        public uint Sequences;

        [FieldOffset(28)]
        public int Threads;

        [FieldOffset(32)]
        public int BatchThreads;

        [FieldOffset(104)]
        public int Keys;

        [FieldOffset(108)]
        public int Values;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct BatchParameters
    {
        [FieldOffset(0)]
        public int Count;

        [FieldOffset(8)]
        public nint Tokens;

        [FieldOffset(24)]
        public nint Positions;

        [FieldOffset(32)]
        public nint SequenceCounts;

        [FieldOffset(40)]
        public nint Sequences;

        [FieldOffset(48)]
        public nint Logits;
    }
}
