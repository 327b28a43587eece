using System.Collections.Immutable;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>One sampler of the chain; a new one is one new file in this folder, found by itself.</summary>
/// <remarks>A stage belongs to one sequence and lives as long as it.</remarks>
public abstract class SamplerStage
{
    private static readonly ImmutableArray<Type> Kinds =
    [
        .. typeof(SamplerStage).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(SamplerStage)) && !type.IsAbstract),
    ];

    /// <summary>Place in the chain, smaller first.</summary>
    public abstract int Place { get; }

    /// <summary>
    /// How many of the best candidates are all that <see cref="Narrow"/> looks at, once configured; null where it looks
    /// at none and leaves all.
    /// </summary>
    public virtual int? Sees => int.MaxValue;

    /// <summary>Takes the settings in.</summary>
    /// <returns>Whether the stage does anything with them; otherwise it is left out.</returns>
    public abstract bool Configure(SamplerSettings settings, Tokenizer tokenizer);

    /// <summary>Learns of a token of the prompt or of the answer.</summary>
    public virtual void Accept(int token)
    {
    }

    /// <summary>Changes the logits of the whole vocabulary, before any token is left out.</summary>
    /// <param name="logits">[vocabulary] f32, changed in place.</param>
    public virtual void Adjust(Span<float> logits)
    {
    }

    /// <summary>Leaves out or reweighs candidates.</summary>
    public virtual void Narrow(Candidates candidates)
    {
    }

    /// <summary>The stages that <paramref name="settings"/> need, in the chain's order.</summary>
    internal static SamplerStage[] Chain(SamplerSettings settings, Tokenizer tokenizer) =>
    [
        .. Kinds.Select(kind => (SamplerStage)Activator.CreateInstance(kind, nonPublic: true)!)
            .Where(stage => stage.Configure(settings, tokenizer))
            .OrderBy(stage => stage.Place),
    ];
}
