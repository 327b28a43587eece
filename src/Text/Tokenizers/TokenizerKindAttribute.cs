namespace Causerie.Text.Tokenizers;

/// <summary>Names the kinds of vocabulary (<c>tokenizer.ggml.model</c>) that a tokenizer's class speaks.</summary>
/// <param name="names">The kinds.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class TokenizerKindAttribute(params string[] names) : Attribute
{
    /// <summary>The kinds.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}
