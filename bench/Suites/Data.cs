using Causerie.Inference.Gguf;
using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;

namespace Causerie.Bench.Suites;

/// <summary>The real vocabulary, template and texts that suites work on.</summary>
internal static class Data
{
    /// <summary>Rows of Llama 3's output matrix.</summary>
    public const int LlamaTokens = 128256;

    /// <summary>CAUSERIE_CONFORMANCE, or the conformance data beside the checkout.</summary>
    private static string Conformance => Environment.GetEnvironmentVariable("CAUSERIE_CONFORMANCE") ??
        Path.Combine(Checkout, "..", "shared", "conformance");

    /// <summary>The folder of this checkout.</summary>
    public static string Checkout
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Causerie.slnx")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("This does not run from within a checkout.");
        }
    }

    /// <summary>Llama 3's tokenizer.</summary>
    public static Tokenizer LlamaTokenizer()
    {
        using var gguf = GgufFile.Open(
            Present(Path.Combine(Conformance, "tokenizers", "built", "ggml-vocab-llama-bpe.gguf")));
        return Tokenizer.Create(VocabularyReader.Read(gguf.Metadata));
    }

    /// <summary>Llama 3.1's template, one of the long ones.</summary>
    public static ChatTemplate LlamaTemplate() => ChatTemplate.Parse(File.ReadAllText(
        Present(Path.Combine(Conformance, "chat-templates", "templates", "meta-llama-Llama-3.1-8B-Instruct.jinja"))));

    /// <summary>This project's sources, so many characters.</summary>
    public static string OwnSources(int length) => string.Concat(
        Directory.EnumerateFiles(Path.Combine(Checkout, "src"), "*.cs", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllText))[..length];

    private static string Present(string path) => File.Exists(path)
        ? path
        : throw new FileNotFoundException($"{path} is absent; CAUSERIE_CONFORMANCE names the folder of the data.", path);
}
