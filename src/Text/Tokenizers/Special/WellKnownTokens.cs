using System.Collections.Frozen;

namespace Causerie.Text.Tokenizers.Special;

/// <summary>Tokens that are known by their text where files fail to say what they are.</summary>
internal static class WellKnownTokens
{
    /// <summary>Texts that end an answer, whatever kind the file gives them.</summary>
    public static FrozenSet<string> EndsOfGeneration { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
        "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[");

    /// <summary>Padding of fill-in-the-middle, which ends an answer too.</summary>
    public static FrozenSet<string> FillPadding { get; } = FrozenSet.Create(
        StringComparer.Ordinal, "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]");

    /// <summary>The repository's name before fill-in-the-middle, which ends an answer too.</summary>
    public static FrozenSet<string> FillRepository { get; } = FrozenSet.Create(
        StringComparer.Ordinal, "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>");

    /// <summary>The border of files in fill-in-the-middle, which ends an answer too.</summary>
    public static FrozenSet<string> FillFile { get; } = FrozenSet.Create(StringComparer.Ordinal, "<|file_sep|>");

    /// <summary>What stands before the text before a hole.</summary>
    public static FrozenSet<string> FillPrefixes { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>");

    /// <summary>What stands before the text behind it.</summary>
    public static FrozenSet<string> FillSuffixes { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>");

    /// <summary>What asks for the text in between.</summary>
    public static FrozenSet<string> FillMiddles { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>");

    /// <summary>All three kinds: control tokens whatever the file says.</summary>
    public static FrozenSet<string> FillMarks { get; } = FillPrefixes.Concat(FillSuffixes).Concat(FillMiddles).ToFrozenSet(StringComparer.Ordinal);
}
