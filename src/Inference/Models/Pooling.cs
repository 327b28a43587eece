namespace Causerie.Inference.Models;

/// <summary>How the hidden states of a text become one vector, with GGUF's numbers (<c>pooling_type</c>).</summary>
public enum Pooling
{
    /// <summary>They do not: each token has a vector of its own.</summary>
    None = 0,

    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>The first token's.</summary>
    Cls = 2,

    /// <summary>The last token's.</summary>
    Last = 3,

    /// <summary>A classifier makes a score of them: the model ranks texts.</summary>
    Rank = 4,
}
