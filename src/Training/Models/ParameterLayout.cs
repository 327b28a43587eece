namespace Causerie.Training.Models;

/// <summary>Where each matrix lies among all parameters, which are one array, under the names that GGUF gives them.</summary>
public sealed class ParameterLayout
{
    private readonly Dictionary<string, Parameter> _byName;

    /// <summary>The parameters of a model, in the order in which they are stored.</summary>
    public ParameterLayout(TransformerShape shape)
    {
        var all = new List<Parameter>();
        Add("token_embd", shape.Vocabulary, shape.Width);
        Layers = new LayerParameters[shape.Layers];
        for (int l = 0; l < shape.Layers; l++)
        {
            Layers[l] = new LayerParameters(
                Add($"blk.{l}.attn_norm", 1, shape.Width),
                Add($"blk.{l}.attn_q", shape.QueryWidth, shape.Width),
                Add($"blk.{l}.attn_k", shape.KeyWidth, shape.Width),
                Add($"blk.{l}.attn_v", shape.KeyWidth, shape.Width),
                Add($"blk.{l}.attn_output", shape.Width, shape.QueryWidth),
                Add($"blk.{l}.ffn_norm", 1, shape.Width),
                Add($"blk.{l}.ffn_gate", shape.FeedForward, shape.Width),
                Add($"blk.{l}.ffn_up", shape.FeedForward, shape.Width),
                Add($"blk.{l}.ffn_down", shape.Width, shape.FeedForward));
        }
        Norm = Add("output_norm", 1, shape.Width);
        All = all;
        Embedding = all[0];
        _byName = all.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);

        Parameter Add(string name, int rows, int columns)
        {
            var parameter = new Parameter(name + ".weight", Length, rows, columns);
            all.Add(parameter);
            Length += parameter.Length;
            return parameter;
        }
    }

    /// <summary>Number of parameters.</summary>
    public long Length { get; private set; }

    /// <summary>All, in order.</summary>
    public IReadOnlyList<Parameter> All { get; }

    /// <summary>[vocabulary, width], first and last matrix in one.</summary>
    public Parameter Embedding { get; }

    /// <summary>The blocks'.</summary>
    public LayerParameters[] Layers { get; }

    /// <summary>[width], the norm before the head.</summary>
    public Parameter Norm { get; }

    /// <summary>The parameter of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Parameter this[string name] => _byName[name];
}

/// <summary>One matrix among the parameters; a norm's weight is a row.</summary>
/// <param name="Name">Its tensor in a GGUF file.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
public sealed record Parameter(string Name, long Start, int Rows, int Columns)
{
    /// <summary>Elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Whether it is a vector, which weight decay leaves alone.</summary>
    public bool IsNorm => Rows == 1;

    /// <summary>Its elements in an array of all.</summary>
    public Span<float> Of(float[] all) => all.AsSpan((int)Start, (int)Length);
}

/// <summary>The matrices of a block, [outputs, inputs] each.</summary>
public sealed record LayerParameters(
    Parameter AttentionNorm, Parameter Query, Parameter Key, Parameter Value, Parameter Output,
    Parameter FeedForwardNorm, Parameter Gate, Parameter Up, Parameter Down);
