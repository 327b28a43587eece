using Causerie.Bench.Comparison.Reporting;

namespace Causerie.Bench.Comparison;

/// <summary>One process of a comparison.</summary>
internal sealed record Step(
    RunKind Kind, bool Peer, int Turn, int Turns, int[] Prompts, int Generate, int Tries, Pair Pair)
{
    /// <summary>Seconds that this takes on some machine: no more than a measure of what is left to do.</summary>
    public double Cost
    {
        get
        {
            double token = Pair.BytesPerToken / (15e9 * Math.Sqrt(Pair.Threads));
            double promptToken = Pair.ProductsPerToken / (80e9 * Pair.Threads);
            int generated = Prompts.Length == 0 ? 0 : Generate * (Prompts.Length + 1);
            return 2.5 + (Prompts.Sum() * promptToken) + (generated * token);
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"turn {Turn} of {Turns}, {(Peer ? "llama.cpp" : "Causerie")}, " + Kind switch
        {
            RunKind.First => "first start",
            RunKind.Cold => "cold start",
            RunKind.Warm => "speeds",
            RunKind.Long => "long prompts",
            _ => "not measured",
        };
}

/// <summary>What a process measures.</summary>
internal enum RunKind
{
    /// <summary>A start that only prepares the others.</summary>
    Unmeasured,

    /// <summary>A start with nothing in memory and nothing kept beside the model.</summary>
    First,

    /// <summary>A start with nothing in memory.</summary>
    Cold,

    /// <summary>A start with everything in memory, then prompts and generation.</summary>
    Warm,

    /// <summary>Long prompts.</summary>
    Long,
}
