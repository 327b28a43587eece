using Causerie.Compute.Formats;

namespace Causerie.Bench.Comparison.Models;

/// <summary>Which format each matrix of a model has: one for all, or the mix that is published as Q4_K_M.</summary>
internal sealed class FormatMix
{
    private readonly TensorFormat _most;
    private readonly TensorFormat _finer;
    private readonly int _layers;

    /// <summary>The mix for a model of so many layers.</summary>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    public FormatMix(string name, int layers)
    {
        _layers = layers;
        bool mixed = name == "Q4_K_M";
        _most = Format(mixed ? "Q4_K" : name);
        _finer = mixed ? Format("Q6_K") : _most;
        FileType = name switch
        {
            "F32" => 0u,
            "F16" => 1,
            "Q4_0" => 2,
            "Q4_1" => 3,
            "Q8_0" => 7,
            "Q5_0" => 8,
            "Q5_1" => 9,
            "Q2_K" => 10,
            "Q3_K" => 12,
            "Q4_K_M" => 15,
            "Q4_K" => 14,
            "Q5_K" => 16,
            "Q6_K" => 18,
            "IQ4_NL" => 25,
            "IQ4_XS" => 30,
            "BF16" => 32,
            "MXFP4" => 38,
            _ => throw new ArgumentException($"There is no file type for {name}.", nameof(name)),
        };
    }

    /// <summary>GGUF's <c>general.file_type</c>.</summary>
    public uint FileType { get; }

    /// <summary>The embedding, which is the output matrix too.</summary>
    public TensorFormat Embedding => _finer;

    /// <summary>Most matrices.</summary>
    public TensorFormat Most => _most;

    /// <summary>Values and the way down of <paramref name="layer"/>: finer in the outer eighths and in every third.</summary>
    public TensorFormat Sensitive(int layer)
    {
        int eighth = _layers / 8;
        bool finer = layer < eighth || layer >= 7 * _layers / 8 || (layer - eighth) % 3 == 2;
        return finer ? _finer : _most;
    }

    private static TensorFormat Format(string name) =>
        TensorFormat.All.Values.FirstOrDefault(format => format.Name == name) ??
        throw new ArgumentException($"There is no format '{name}'.", nameof(name));
}
