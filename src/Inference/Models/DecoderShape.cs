using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Reads the hyper-parameters that the transformers name alike.</summary>
internal static class DecoderShape
{
    // A wider model than these bounds does not exist; within them no product of two overflows 31 bits.
    private const int MaxWidth = 1 << 20;
    private const int MaxHeads = 1 << 12;
    private const int MaxHeadDim = 1 << 13;
    private const int MaxContext = 1 << 30;

    /// <summary>The shape of a dense decoder; architectures change what differs with <c>with</c>.</summary>
    /// <param name="keys">The file's metadata.</param>
    /// <param name="pairing">Which elements turn together.</param>
    /// <param name="epsilon">Key of ε.</param>
    public static HyperParameters Read(
        HyperParameterReader keys, RopePairing pairing, string epsilon = "attention.layer_norm_rms_epsilon")
    {
        if (keys.OptionalFlag("attention.causal") == false)
            throw keys.Fault("attention.causal", "is false; this architecture runs causally only.");
        return Shape(keys, pairing, epsilon);
    }

    /// <summary>The same for a model whose positions may see one another in any direction.</summary>
    public static HyperParameters Shape(HyperParameterReader keys, RopePairing pairing, string epsilon)
    {
        int width = keys.Integer("embedding_length", 1, MaxWidth);
        int layers = keys.Integer("block_count", 1, 1024);
        int heads = keys.Integer("attention.head_count", 1, MaxHeads);
        int kvHeads = keys.OptionalInteger("attention.head_count_kv", 1, MaxHeads) ?? heads;
        if (heads % kvHeads != 0)
            throw keys.Fault("attention.head_count_kv", $"is {kvHeads}, which does not divide the {heads} heads.");
        int headDim = HeadDim(keys, "attention.key_length", width, heads);
        keys.Ignore(
            "vocab_size", // The embedding's rows say it.
            "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", // A model has one kind of norm.
            "rope.scaling.finetuned", "tensor_data_layout");
        return new HyperParameters
        {
            ContextLength = keys.Integer("context_length", 1, MaxContext),
            Layers = layers,
            Width = width,
            VocabularySize = VocabularySize(keys),
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = headDim,
            ValueDim = HeadDim(keys, "attention.value_length", width, heads),
            FeedForward = keys.Integer("feed_forward_length", 1, 1 << 24),
            Epsilon = keys.OptionalReal(epsilon, 1e-12f, 1) ??
                throw keys.Fault(epsilon, "the metadata has no such key; the model was converted incompletely."),
            AttentionScale = 1 / MathF.Sqrt(headDim),
            Windows = [.. Enumerable.Repeat(Window(keys), layers)],
            RopePairing = pairing,
            Pooling = (Pooling?)keys.OptionalInteger("pooling_type", (int)Pooling.None, (int)Pooling.Rank),
        };
    }

    /// <summary>The sliding window in positions; 0 where the file has none.</summary>
    public static int Window(HyperParameterReader keys) =>
        keys.OptionalInteger("attention.sliding_window", 0, MaxContext) ?? 0;

    /// <summary>The mixture of experts, where the file has one.</summary>
    /// <param name="keys">The file's metadata.</param>
    /// <param name="gating">The architecture's way to weigh them.</param>
    /// <param name="feedForward">Elements inside an expert where the file does not say.</param>
    public static ExpertParameters? Experts(HyperParameterReader keys, ExpertGating gating, int feedForward)
    {
        int count = keys.OptionalInteger("expert_count", 0, 1 << 16) ?? 0;
        keys.Ignore("expert_weights_norm"); // These architectures always normalise the weights.
        if (count == 0)
            return null;
        int used = keys.Integer("expert_used_count", 1, count);
        int inside = keys.OptionalInteger("expert_feed_forward_length", 0, 1 << 24) ?? 0;
        int expected = gating == ExpertGating.SoftmaxThenTop ? 1 : 3;
        int function = keys.OptionalInteger("expert_gating_func", 0, int.MaxValue) ?? 0;
        if (function != 0 && function != expected)
            throw keys.Fault("expert_gating_func", $"is {function}; the architecture's experts are weighed by {expected}.");
        float scale = keys.OptionalReal("expert_weights_scale", float.MinValue, float.MaxValue) ?? 0;
        if (scale is not (0 or 1))
            throw keys.Fault("expert_weights_scale", $"is {scale}; only 1 is supported.");
        return new ExpertParameters(count, used, inside == 0 ? feedForward : inside, gating);
    }

    private static int HeadDim(HyperParameterReader keys, string name, int width, int heads)
    {
        if (keys.OptionalInteger(name, 1, MaxHeadDim) is { } given)
            return given;
        if (width % heads != 0 || width / heads > MaxHeadDim)
            throw keys.Fault("attention.head_count", $"is {heads}, which does not divide the width {width}.");
        return width / heads;
    }

    private static int VocabularySize(HyperParameterReader keys)
    {
        const string Name = "token_embd.weight";
        if (!keys.File.Tensors.TryGetValue(Name, out var tensor))
            throw new Gguf.GgufException(
                keys.File.Path, Name, null, "the model has no such tensor; it is incomplete.");
        return tensor.Shape is [_, >= 1 and <= 1 << 24]
            ? (int)tensor.Shape[1]
            : throw new Gguf.GgufException(
                keys.File.Path, Name, tensor.Offset, $"the tensor's shape is {tensor.ShapeText}, not [width, tokens].");
    }
}
