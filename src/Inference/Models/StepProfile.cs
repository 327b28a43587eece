namespace Causerie.Inference.Models;

/// <summary>Where the time of a forward pass goes, for who measures it; without one a pass does not look at the clock.</summary>
/// <param name="clock">The time.</param>
internal sealed class StepProfile(TimeProvider clock)
{
    private readonly long[] _spent = new long[Enum.GetValues<StepPart>().Length];
    private long _since;

    /// <summary>Forgets what was measured and starts the clock.</summary>
    public void Start()
    {
        Array.Clear(_spent);
        _since = clock.GetTimestamp();
    }

    /// <summary>The time since the last mark went to <paramref name="part"/>.</summary>
    public void Mark(StepPart part)
    {
        long now = clock.GetTimestamp();
        _spent[(int)part] += now - _since;
        _since = now;
    }

    /// <summary>What a part took since the start.</summary>
    public TimeSpan Spent(StepPart part) => clock.GetElapsedTime(0, _spent[(int)part]);
}

/// <summary>The parts of a step that are told apart.</summary>
internal enum StepPart
{
    Embedding,
    Norm,
    Rope,
    Attention,
    Activation,

    /// <summary>Matrix products of the layers, the quantising of their inputs included.</summary>
    Products,

    /// <summary>Choosing experts, gathering and adding their rows.</summary>
    Routing,

    /// <summary>The logits' product with its norm.</summary>
    Head,
    Sampling,
    Detokenising,
}
