using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Reads the hyper-parameters that the encoders name alike.</summary>
internal static class EncoderShape
{
    private const string TokenTypes = "token_types.weight";

    /// <summary>The shape of an encoder, of a kind whose vectors this program can give.</summary>
    /// <param name="keys">The file's metadata.</param>
    /// <exception cref="Gguf.GgufException">A key is missing, senseless, or asks for what is not done here.</exception>
    public static HyperParameters Read(HyperParameterReader keys)
    {
        if (keys.OptionalFlag("attention.causal") == true)
            throw keys.Fault("attention.causal", "is true; an encoder's positions see one another in both directions.");
        var shape = DecoderShape.Shape(keys, RopePairing.Halves, "attention.layer_norm_epsilon");
        if (shape.Windows[0] > 0)
            throw keys.Fault("attention.sliding_window", $"is {shape.Windows[0]}; encoders with a window are not supported.");
        if (shape.Pooling is null or Pooling.None)
            throw keys.Fault(
                "pooling_type", "is missing or 0 (none): one vector for each token is not supported; supported are 1 (mean), 2 (cls), 3 (last).");
        if (shape.Pooling == Pooling.Rank)
            throw keys.Fault("pooling_type", "is 4 (rank): the model ranks texts, which is not supported.");
        return shape with { Bidirectional = true, TokenTypes = Count(keys) };
    }

    private static int Count(HyperParameterReader keys)
    {
        if (!keys.File.Tensors.TryGetValue(TokenTypes, out var tensor))
            return 0;
        // A single row has lost its second dimension.
        long rows = tensor.Shape.Length > 1 ? tensor.Shape[1] : 1;
        return rows is >= 1 and <= 1 << 10
            ? (int)rows
            : throw new Gguf.GgufException(
                keys.File.Path, TokenTypes, tensor.Offset, $"the tensor's shape is {tensor.ShapeText}, not [width, types].");
    }
}
