using System.Runtime.InteropServices;

namespace Causerie.Bench.Tokenizers;

/// <summary>llama.cpp's tokenizer through its C API, loaded from the folder that holds its shared libraries.</summary>
internal sealed class Peer
{
    // Offset of llama_model_params.vocab_only, first of six flags of which by default only the third is set
    // (llama.cpp 0.5.0, node-llama-cpp 3.22.1).
    private const int VocabOnly = 72;
    private static readonly LogCallback Quiet = (_, _, _) => { };
    private readonly nint _vocabulary;
    private readonly Tokenize _tokenize;

    /// <summary>Loads a vocabulary.</summary>
    /// <param name="folder">Where <c>libllama</c> and <c>libggml</c> are.</param>
    /// <param name="path">The GGUF file.</param>
    public Peer(string folder, string path)
    {
        nint ggml = Library(folder, "libggml.");
        nint llama = Library(folder, "libllama.");
        Function<SetLog>(llama, "llama_log_set")(Quiet, 0);
        Function<LoadBackends>(ggml, "ggml_backend_load_all_from_path")(folder);
        var parameters = Function<DefaultParameters>(llama, "llama_model_default_params")();
        if (!parameters.Bytes.AsSpan(VocabOnly, 6).SequenceEqual((byte[])[0, 0, 1, 0, 0, 0]))
            throw new NotSupportedException("This version of llama.cpp lays out llama_model_params differently.");
        parameters.Bytes[VocabOnly] = 1;
        nint model = Function<LoadModel>(llama, "llama_model_load_from_file")(path, parameters);
        if (model == 0)
            throw new InvalidDataException($"llama.cpp does not load {path}.");
        _vocabulary = Function<GetVocabulary>(llama, "llama_model_get_vocab")(model);
        _tokenize = Function<Tokenize>(llama, "llama_tokenize");
    }

    private delegate void LogCallback(int level, nint text, nint data);

    private delegate void SetLog(LogCallback callback, nint data);

    private delegate void LoadBackends([MarshalAs(UnmanagedType.LPUTF8Str)] string folder);

    private delegate Parameters DefaultParameters();

    private delegate nint LoadModel([MarshalAs(UnmanagedType.LPUTF8Str)] string path, Parameters parameters);

    private delegate nint GetVocabulary(nint model);

    private delegate int Tokenize(
        nint vocabulary, byte[] text, int length, [In, Out] int[] ids, int most, byte addSpecial, byte parseSpecial);

    /// <summary>Fills <paramref name="ids"/> and returns how many.</summary>
    public int Encode(byte[] text, int[] ids, bool parseSpecial) =>
        _tokenize(_vocabulary, text, text.Length, ids, ids.Length, 0, parseSpecial ? (byte)1 : (byte)0);

    private static nint Library(string folder, string prefix) => NativeLibrary.Load(
        Directory.EnumerateFiles(folder, prefix + "*").Order().First());

    private static T Function<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));

    /// <summary>As large as llama_model_params or larger: it passes through memory, so that does no harm.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Parameters
    {
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 256)]
        public byte[] Bytes;
    }
}
