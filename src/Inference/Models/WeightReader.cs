using Causerie.Compute.Memory;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Models;

/// <summary>Finds a model's tensors, checks their shapes, and refuses those that nobody asked for.</summary>
/// <param name="file">The open model.</param>
/// <param name="contextLength">The context to serve, in tokens.</param>
internal sealed class WeightReader(GgufFile file, int contextLength)
{
    private readonly HashSet<string> _read = [];
    private readonly List<WeightMatrix> _multiplied = [];

    /// <summary>The matrices that activations are multiplied with; tables that are only looked up are not among them.</summary>
    public IReadOnlyList<WeightMatrix> Multiplied => _multiplied;

    /// <summary>The context to serve, in tokens.</summary>
    public int ContextLength { get; } = contextLength;

    /// <summary>Whether the model has the tensor; asking does not count as reading it.</summary>
    public bool Has(string name) => file.Contains(name);

    /// <summary>A matrix <c>name.weight</c> and, where the model has one, its <c>name.bias</c>.</summary>
    /// <exception cref="GgufException">The matrix is missing or of another shape.</exception>
    public Linear Linear(string name, int outputs, int inputs) =>
        Linear(file.Matrix(Read(name + ".weight"), outputs, inputs), OptionalVector(name + ".bias", outputs));

    /// <summary>A matrix that was read as a table, to be multiplied with as well.</summary>
    public Linear Linear(WeightMatrix matrix, float[] bias)
    {
        _multiplied.Add(matrix);
        return new Linear(matrix, bias);
    }

    /// <summary>The same, or null where the model has no such matrix.</summary>
    public Linear? OptionalLinear(string name, int outputs, int inputs) =>
        Has(name + ".weight") ? Linear(name, outputs, inputs) : null;

    /// <summary>Matrices that lie behind one another in a tensor of three dimensions, with their biases.</summary>
    /// <exception cref="GgufException">The tensor is missing or of another shape.</exception>
    public Linear[] Stack(string name, int count, int outputs, int inputs)
    {
        var all = file.Stack(Read(name + ".weight"), count, outputs, inputs);
        _multiplied.Add(all);
        float[] biases = Has(name + ".bias") ? file.Values(Read(name + ".bias"), outputs, count) : [];
        var stack = new Linear[count];
        for (int e = 0; e < count; e++)
            stack[e] = new Linear(
                all.Slice(e * outputs, outputs),
                biases.Length > 0 ? biases[(e * outputs)..((e + 1) * outputs)] : []);
        return stack;
    }

    /// <summary>A matrix without a bias.</summary>
    /// <exception cref="GgufException">The matrix is missing or of another shape.</exception>
    public WeightMatrix Matrix(string name, int rows, int columns) =>
        file.Matrix(Read(name), rows, columns);

    /// <summary>The first row of a small table.</summary>
    /// <exception cref="GgufException">The table is missing or of another shape.</exception>
    public float[] FirstRow(string name, int rows, int columns) => file.Values(Read(name), columns, rows)[..columns];

    /// <summary>A normalisation <c>name.weight</c> and, where the model has one, its <c>name.bias</c>.</summary>
    /// <exception cref="GgufException">The weight is missing or of another length.</exception>
    public Norm Norm(string name, int width) =>
        new(file.Vector(Read(name + ".weight"), width), OptionalVector(name + ".bias", width));

    /// <summary>The same, of a model whose norms are layer norms: it must have the bias.</summary>
    /// <exception cref="GgufException">The weight or the bias is missing or of another length.</exception>
    public Norm LayerNorm(string name, int width) => new(Vector(name + ".weight", width), Vector(name + ".bias", width));

    /// <summary>The same, or null where the model has none.</summary>
    public Norm? OptionalNorm(string name, int width) => Has(name + ".weight") ? Norm(name, width) : null;

    /// <summary>A vector.</summary>
    /// <exception cref="GgufException">It is missing or of another length.</exception>
    public float[] Vector(string name, int length) => file.Vector(Read(name), length);

    /// <summary>A vector, or an empty one where the model has none.</summary>
    /// <exception cref="GgufException">It is of another length.</exception>
    public float[] OptionalVector(string name, int length) => Has(name) ? file.Vector(Read(name), length) : [];

    /// <summary>Notes that tensors are known and play no part.</summary>
    public void Ignore(Predicate<string> which)
    {
        foreach (string name in file.Tensors.Keys)
            if (which(name))
                _read.Add(name);
    }

    /// <summary>An error about a tensor.</summary>
    public GgufException Fault(string name, string problem) => new(file.Path, name, null, problem);

    /// <summary>Refuses the first tensor that was not read.</summary>
    /// <exception cref="GgufException">Names the tensor.</exception>
    public void RefuseUnread()
    {
        foreach (var (name, tensor) in file.Tensors)
            if (!_read.Contains(name))
                throw new GgufException(
                    file.Path, name, tensor.Offset,
                    "the architecture does not use this tensor here; answers would be wrong without it.");
    }

    private string Read(string name)
    {
        _read.Add(name);
        return name;
    }
}
