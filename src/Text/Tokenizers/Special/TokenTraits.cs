namespace Causerie.Text.Tokenizers.Special;

/// <summary>What a token is, after the corrections that well-known texts call for; several may hold at once.</summary>
[Flags]
internal enum TokenTraits : byte
{
    /// <summary>A hole: never typed, never shown.</summary>
    None = 0,

    /// <summary>Text in the vocabulary's spelling.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot spell.</summary>
    Unknown = 2,

    /// <summary>Steers the model.</summary>
    Control = 4,

    /// <summary>Added by the model's author; matched before anything else.</summary>
    UserDefined = 8,

    /// <summary>One raw byte.</summary>
    Byte = 16,

    /// <summary>White space in front of it is dropped when it is matched.</summary>
    TrimsLeft = 32,

    /// <summary>White space behind it is dropped when it is matched.</summary>
    TrimsRight = 64,

    /// <summary>Matched only on request, hidden unless asked for.</summary>
    Special = Control | Unknown,
}
