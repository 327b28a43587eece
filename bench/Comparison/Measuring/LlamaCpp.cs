using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>llama.cpp through its C API, with its own defaults but for context and threads.</summary>
/// <remarks>
/// Structures are passed as blocks of bytes at least as large as they are: the ABI passes them through memory, so that
/// a larger block does no harm. The few fields that are set were checked against the library's own defaults.
/// </remarks>
internal sealed class LlamaCpp : ICandidate
{
    private const int BatchLength = 2048; // llama_context_default_params().n_batch
    private static readonly LogCallback Quiet = (_, _, _) => { };
    private readonly nint _model;
    private readonly nint _context;
    private readonly nint _memory;
    private readonly Decode _decode;
    private readonly BatchOf _batchOf;
    private readonly Clear _clear;
    private readonly LogitsAt _logitsAt;
    private readonly Free _freeModel;
    private readonly Free _freeContext;

    /// <summary>Opens a model.</summary>
    /// <param name="folder">Where <c>libllama</c> and <c>libggml</c> are.</param>
    /// <param name="path">The GGUF file.</param>
    /// <param name="context">Tokens.</param>
    /// <param name="threads">Threads for prompts and generation.</param>
    /// <param name="instructions">Which of its variants: the best that it finds itself, or one.</param>
    public LlamaCpp(string folder, string path, int context, int threads, InstructionSet instructions)
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
        if (parameters is not { Context: 512, Batch: 2048, MicroBatch: 512, Threads: 4, BatchThreads: 4, Keys: 1, Values: 1 })
            throw new NotSupportedException("This version of llama.cpp lays out llama_context_params differently.");
        parameters.Context = (uint)context;
        parameters.Threads = parameters.BatchThreads = threads;
        _context = Function<NewContext>(llama, "llama_init_from_model")(_model, parameters);
        if (_context == 0)
            throw new InvalidDataException($"llama.cpp makes no context of {context} tokens.");
        _memory = Function<Of>(llama, "llama_get_memory")(_context);
        Vocabulary = Function<Count>(llama, "llama_vocab_n_tokens")(Function<Of>(llama, "llama_model_get_vocab")(_model));
        _decode = Function<Decode>(llama, "llama_decode");
        _batchOf = Function<BatchOf>(llama, "llama_batch_get_one");
        _clear = Function<Clear>(llama, "llama_memory_clear");
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

    private delegate Block BatchOf(nint tokens, int count);

    private delegate int Decode(nint context, Block batch);

    private delegate void Clear(nint memory, [MarshalAs(UnmanagedType.U1)] bool data);

    private delegate nint LogitsAt(nint context, int index);

    private delegate void Free(nint owner);

    /// <inheritdoc/>
    public string Variant { get; }

    /// <inheritdoc/>
    public string Instructions { get; }

    /// <inheritdoc/>
    public int Vocabulary { get; }

    /// <inheritdoc/>
    public void Settle()
    {
        // It loads whole.
    }

    /// <inheritdoc/>
    public Task<(double First, double Others, int Token)> RunAsync(int[] prompt, int generate)
    {
        _clear(_memory, data: false);
        long start = Stopwatch.GetTimestamp();
        for (int read = 0; read < prompt.Length; read += BatchLength)
            Read(prompt.AsSpan(read, Math.Min(BatchLength, prompt.Length - read)));
        int first = Greedy();
        double until = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int token = first;
        for (int i = 0; i < generate; i++)
        {
            Read([token]);
            token = Greedy();
        }

        return Task.FromResult((until, Stopwatch.GetElapsedTime(start).TotalSeconds - until, first));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _freeContext(_context);
        _freeModel(_model);
        return ValueTask.CompletedTask;
    }

    private unsafe void Read(ReadOnlySpan<int> tokens)
    {
        fixed (int* first = tokens)
        {
            int problem = _decode(_context, _batchOf((nint)first, tokens.Length));
            if (problem != 0)
                throw new InvalidOperationException($"llama_decode failed with {problem}.");
        }
    }

    private unsafe int Greedy()
    {
        float* logits = (float*)_logitsAt(_context, -1);
        int best = 0;
        for (int i = 1; i < Vocabulary; i++)
            if (logits[i] > logits[best])
                best = i;
        return best;
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

        [FieldOffset(28)]
        public int Threads;

        [FieldOffset(32)]
        public int BatchThreads;

        [FieldOffset(104)]
        public int Keys;

        [FieldOffset(108)]
        public int Values;
    }
}
