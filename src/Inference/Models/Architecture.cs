using System.Collections.Immutable;
using Causerie.Inference.Gguf;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models;

/// <summary>One model architecture: how its file is read and how its forward pass goes.</summary>
/// <remarks>
/// An architecture holds no state: three things tell a model, its <see cref="HyperParameters"/>, its weights and its run
/// state. Subclasses of this assembly are found by themselves: a new architecture is one new file in this folder.
/// </remarks>
public abstract class Architecture
{
    private const string NameKey = "general.architecture";

    /// <summary>All supported architectures, by <see cref="Name"/>.</summary>
    public static ImmutableSortedDictionary<string, Architecture> All { get; } =
        typeof(Architecture).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Architecture)) && !type.IsAbstract)
            .Select(type => (Architecture)Activator.CreateInstance(type, nonPublic: true)!)
            .ToImmutableSortedDictionary(architecture => architecture.Name, architecture => architecture);

    /// <summary>The name in GGUF's <c>general.architecture</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The architecture that <paramref name="metadata"/> names.</summary>
    /// <exception cref="GgufException">It is not supported; the message names it and those that are.</exception>
    public static Architecture Of(GgufMetadata metadata)
    {
        string name = metadata.Require<string>(NameKey);
        return All.TryGetValue(name, out var architecture)
            ? architecture
            : throw metadata.Fault(
                NameKey, $"the architecture '{name}' is not supported; supported are {string.Join(", ", All.Keys)}.");
    }

    /// <summary>Reads and checks everything that the forward pass will use.</summary>
    /// <param name="file">The open model.</param>
    /// <param name="contextLength">The context to serve, in tokens; some models' rotations depend on it.</param>
    /// <exception cref="GgufException">A key or tensor is missing, senseless, of another shape, or not honoured.</exception>
    internal ForwardPass Load(GgufFile file, int contextLength)
    {
        var parameters = ReadHyperParameters(file);
        var tensors = new WeightReader(file, contextLength);
        var weights = ReadWeights(tensors, parameters);
        tensors.RefuseUnread();
        return new ForwardPass(this, parameters, weights) { Multiplied = tensors.Multiplied };
    }

    /// <summary>Reads and checks the hyper-parameters alone.</summary>
    /// <exception cref="GgufException">A key is missing, senseless, or not honoured.</exception>
    internal HyperParameters ReadHyperParameters(GgufFile file)
    {
        var keys = new HyperParameterReader(file, Name);
        var parameters = ReadHyperParameters(keys);
        keys.RefuseUnread();
        return parameters;
    }

    /// <summary>Reads and checks the hyper-parameters.</summary>
    internal abstract HyperParameters ReadHyperParameters(HyperParameterReader keys);

    /// <summary>Finds the weights and checks their shapes.</summary>
    internal abstract Weights ReadWeights(WeightReader tensors, HyperParameters p);

    /// <summary>Runs <paramref name="batch"/>; its keys and values go to its caches, the last hidden states and their logits to the run state.</summary>
    internal abstract void Forward(HyperParameters p, Weights w, RunState s, Batch batch);
}
