namespace Causerie.Bench.Comparison.Reporting;

/// <summary>What this project wants to reach: a ratio of ours to the peer's, or a share of the machine's limit.</summary>
/// <param name="Goal">Of which figure.</param>
/// <param name="Formats">For which formats; none means all that no other target names.</param>
/// <param name="Threads">For so many threads; 2 stands for more too, 0 for any number.</param>
/// <param name="Value">The least, of times and memory the most.</param>
internal sealed record Target(Goal Goal, string[] Formats, int Threads, double Value)
{
    private const double Others = 1.0;

    private static readonly string[] Q4_0 = ["Q4_0"];
    private static readonly string[] Q4_K_M = ["Q4_K_M"];
    private static readonly string[] Q8_0 = ["Q8_0"];
    private static readonly string[] Halves = ["F16", "BF16"];

    /// <summary>All of them; the first that fits counts.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        .. Each(Goal.Generation, 1, 1.5, 1.3, 1.3, 1.1),
        .. Each(Goal.Generation, 2, 1.2, 1.15, 1.15, 1.0),
        .. Each(Goal.ReadShare, 1, 0.90, 0.85, 0.90, 0.90),
        .. Each(Goal.Prompt, 0, 2.0, 2.0, 1.3, 1.0),
        .. Each(Goal.LongPrompt, 0, 1.8, 1.8, 1.2, 1.0),
        new(Goal.Generation, [], 0, Others),
        new(Goal.Prompt, [], 0, Others),
        new(Goal.LongPrompt, [], 0, Others),
        new(Goal.ColdStart, [], 0, 0.6),
        new(Goal.PeakMemory, [], 0, 1.05),
    ];

    /// <summary>Whether less is better.</summary>
    public bool AtMost => Goal is Goal.ColdStart or Goal.PeakMemory;

    /// <summary>The target of a figure, or null.</summary>
    public static Target? Of(Goal? goal, string format, int threads) => All.FirstOrDefault(target =>
        target.Goal == goal && (target.Formats.Length == 0 || target.Formats.Contains(format)) &&
        (target.Threads == 0 || target.Threads == Math.Min(threads, 2)));

    /// <summary>Whether a figure reaches it.</summary>
    public bool Reached(double value) => AtMost ? value <= Value : value >= Value;

    private static Target[] Each(Goal goal, int threads, double four, double fourK, double eight, double halves) =>
    [
        new(goal, Q4_0, threads, four),
        new(goal, Q4_K_M, threads, fourK),
        new(goal, Q8_0, threads, eight),
        new(goal, Halves, threads, halves),
    ];
}

/// <summary>What targets are set for.</summary>
internal enum Goal
{
    /// <summary>Tokens each second, whatever the depth.</summary>
    Generation,

    /// <summary>The part of the measured read rate that generation from an empty context reaches.</summary>
    ReadShare,

    /// <summary>Tokens of a prompt each second.</summary>
    Prompt,

    /// <summary>The same where the prompt is at least <see cref="Row.LongFrom"/> long.</summary>
    LongPrompt,

    /// <summary>Time to the first token with nothing in memory.</summary>
    ColdStart,

    /// <summary>The most memory.</summary>
    PeakMemory,
}
