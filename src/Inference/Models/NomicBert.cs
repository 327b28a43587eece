namespace Causerie.Inference.Models;

/// <summary>Nomic's BERT (Nussbaum et al., 2024): rotated positions, SwiGLU, hardly a bias.</summary>
public sealed class NomicBert : Encoder
{
    /// <inheritdoc/>
    public override string Name => "nomic-bert";

    /// <inheritdoc/>
    internal override HyperParameters ReadHyperParameters(HyperParameterReader keys)
    {
        var shape = EncoderShape.Read(keys);
        return shape with { Rope = RopeReader.Read(keys, shape) };
    }
}
