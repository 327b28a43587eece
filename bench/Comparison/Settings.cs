using Causerie.Bench.Comparison.Measuring;

namespace Causerie.Bench.Comparison;

/// <summary>What a comparison measures, as the command line says.</summary>
internal sealed class Settings(Options options)
{
    /// <summary>The options that <c>run</c> takes.</summary>
    public static string[] OptionNames { get; } =
    [
        "--peer", "--models", "--vocabularies", "--shapes", "--formats", "--threads", "--prompts", "--generate",
        "--turns", "--tries", "--cold", "--long-prompts", "--long-turns", "--long-generate", "--instructions",
        "--markdown",
    ];

    /// <summary>Folder of llama.cpp's libraries.</summary>
    public string Peer { get; } = options.Required("--peer");

    /// <summary>Folder of the models that are written.</summary>
    public string Models { get; } = options.Required("--models");

    /// <summary>Folder of the vocabularies.</summary>
    public string? Vocabularies { get; } = options["--vocabularies"];

    /// <summary>Names of shapes.</summary>
    public string[] Shapes { get; } = options.List("--shapes", "llama-3.2-1b");

    /// <summary>Names of formats and mixes.</summary>
    public string[] Formats { get; } = options.List("--formats", "Q4_0,Q4_K_M,Q8_0,F16");

    /// <summary>Numbers of threads.</summary>
    public int[] Threads { get; } = options.Numbers("--threads", "1,2");

    /// <summary>Lengths of prompts.</summary>
    public int[] Prompts { get; } = options.Numbers("--prompts", "512");

    /// <summary>Tokens to write from an empty context and after each prompt.</summary>
    public int Generate { get; } = options.Number("--generate", 128);

    /// <summary>How often each engine has its turn.</summary>
    public int Turns { get; } = options.Number("--turns", 3);

    /// <summary>How often a disturbed run is tried.</summary>
    public int Tries { get; } = options.Number("--tries", 3);

    /// <summary>Whether starts with nothing in memory are measured.</summary>
    public bool Cold { get; } = options.Flag("--cold", usual: true);

    /// <summary>Lengths of prompts that are measured in processes of their own, and fewer times.</summary>
    public int[] LongPrompts { get; } = options.Numbers("--long-prompts", "");

    /// <summary>How often each engine has its turn with those.</summary>
    public int LongTurns { get; } = options.Number("--long-turns", 1);

    /// <summary>Tokens to write after those.</summary>
    public int LongGenerate { get; } = options.Number("--long-generate", 32);

    /// <summary>Which instructions both may use.</summary>
    public InstructionSet Instructions { get; } = InstructionSet.Of(options["--instructions"]);

    /// <summary>Where the report goes too, or null.</summary>
    public string? Markdown { get; } = options["--markdown"];
}
