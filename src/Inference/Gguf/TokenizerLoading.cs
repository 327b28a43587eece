using System.Runtime.ExceptionServices;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Gguf;

/// <summary>Builds a model's tokenizer on a thread of its own, while the caller prepares the weights.</summary>
/// <remarks>The file must stay open until <see cref="Wait"/> or <see cref="Join"/> is over.</remarks>
internal sealed class TokenizerLoading
{
    private readonly Thread _thread;
    private Tokenizer? _tokenizer;
    private ExceptionDispatchInfo? _fault;

    private TokenizerLoading(GgufMetadata metadata, int vocabularySize)
    {
        _thread = new Thread(() => Run(metadata, vocabularySize)) { Name = "Tokenizer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Starts building.</summary>
    /// <param name="metadata">The open file's.</param>
    /// <param name="vocabularySize">Rows of the embedding, which must have one for each token.</param>
    public static TokenizerLoading Start(GgufMetadata metadata, int vocabularySize) => new(metadata, vocabularySize);

    /// <summary>Builds the tokenizer here and now.</summary>
    /// <exception cref="GgufException">The vocabulary is damaged, contradicts itself or is not supported.</exception>
    public static Tokenizer Load(GgufMetadata metadata, int vocabularySize)
    {
        var vocabulary = VocabularyReader.Read(metadata);
        if (vocabulary.Tokens.Length != vocabularySize)
            throw metadata.Fault(
                "tokenizer.ggml.tokens",
                $"holds {vocabulary.Tokens.Length} tokens; the tensor token_embd.weight has rows for {vocabularySize}.");
        try
        {
            return Tokenizer.Create(vocabulary);
        }
        catch (Exception e) when (e is NotSupportedException or FormatException)
        {
            throw metadata.Fault("tokenizer.ggml.model", e.Message);
        }
    }

    /// <summary>The tokenizer, once it is there.</summary>
    /// <exception cref="GgufException">As for <see cref="Load"/>.</exception>
    public Tokenizer Wait()
    {
        _thread.Join();
        _fault?.Throw();
        return _tokenizer!;
    }

    /// <summary>Waits for the end, whatever it is.</summary>
    public void Join() => _thread.Join();

    private void Run(GgufMetadata metadata, int vocabularySize)
    {
        try
        {
            _tokenizer = Load(metadata, vocabularySize);
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }
    }
}
