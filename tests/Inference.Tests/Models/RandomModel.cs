using Causerie.Inference.Gguf;

namespace Causerie.Inference.Tests.Models;

/// <summary>A tiny model of any architecture, as metadata and tensor shapes that a test may spoil before writing.</summary>
internal sealed class RandomModel
{
    public const int Vocabulary = 96;
    public const int Width = 32;
    public const int Hidden = 48;

    public Dictionary<string, object> Metadata { get; } = [];

    /// <summary>Shapes, the contiguous dimension first.</summary>
    public Dictionary<string, long[]> Tensors { get; } = [];

    public Dictionary<string, float[]> Values { get; } = [];

    public static RandomModel Llama(int layers = 2)
    {
        var model = Decoder("llama", layers, heads: 4, kvHeads: 2, headDim: 8);
        model.Tensors["output.weight"] = [Width, Vocabulary];
        return model;
    }

    /// <summary>Llama with YaRN from 32 to 128 positions.</summary>
    public static RandomModel LlamaYarn()
    {
        var model = Llama();
        model.Metadata["llama.rope.scaling.type"] = "yarn";
        model.Metadata["llama.rope.scaling.factor"] = 4f;
        model.Metadata["llama.rope.scaling.original_context_length"] = 32u;
        return model;
    }

    /// <summary>Llama 3.1's way to a longer context: frequencies divided by a tensor.</summary>
    public static RandomModel LlamaFactors()
    {
        var model = Llama();
        model.Tensors["rope_freqs.weight"] = [4];
        model.Values["rope_freqs.weight"] = [1, 1.5f, 4, 8];
        return model;
    }

    /// <summary>Fused projections, and LongRoPE whose long factors apply beyond 64 positions.</summary>
    public static RandomModel Phi3()
    {
        var model = Decoder("phi3", 2, heads: 4, kvHeads: 2, headDim: 8);
        model.Metadata["phi3.rope.scaling.original_context_length"] = 64u;
        model.Metadata["phi3.rope.scaling.attn_factor"] = 1.19f;
        model.Tensors["output.weight"] = [Width, Vocabulary];
        for (int l = 0; l < 2; l++)
        {
            foreach (string name in new[] { "attn_q", "attn_k", "attn_v", "ffn_gate" })
                model.Tensors.Remove($"blk.{l}.{name}.weight");
            model.Tensors[$"blk.{l}.attn_qkv.weight"] = [Width, 32 + 16 + 16];
            model.Tensors[$"blk.{l}.ffn_up.weight"] = [Width, 2 * Hidden];
        }
        model.Tensors["rope_factors_long.weight"] = [4];
        model.Values["rope_factors_long.weight"] = [1, 1.5f, 6, 12];
        model.Tensors["rope_factors_short.weight"] = [4];
        model.Values["rope_factors_short.weight"] = [1, 1, 1.1f, 1.3f];
        return model;
    }

    public static RandomModel Gemma3(int layers = 7)
    {
        var model = Decoder("gemma3", layers, heads: 4, kvHeads: 2, headDim: 8);
        model.Metadata["gemma3.attention.key_length"] = 8u;
        model.Metadata["gemma3.attention.value_length"] = 8u;
        model.Metadata["gemma3.attention.sliding_window"] = 5u;
        model.Metadata["gemma3.rope.freq_base"] = 1_000_000f;
        model.Metadata["gemma3.rope.scaling.type"] = "linear";
        model.Metadata["gemma3.rope.scaling.factor"] = 8f;
        for (int l = 0; l < layers; l++)
        {
            model.Tensors[$"blk.{l}.attn_q_norm.weight"] = [8];
            model.Tensors[$"blk.{l}.attn_k_norm.weight"] = [8];
            model.Tensors[$"blk.{l}.post_attention_norm.weight"] = [Width];
            model.Tensors[$"blk.{l}.post_ffw_norm.weight"] = [Width];
        }
        return model;
    }

    /// <summary>Four experts, of which each token meets two.</summary>
    public static RandomModel Qwen3Moe()
    {
        const int Layers = 2, Experts = 4, ExpertHidden = 32;
        var model = Decoder("qwen3moe", Layers, heads: 4, kvHeads: 2, headDim: 8);
        model.Metadata["qwen3moe.expert_count"] = (uint)Experts;
        model.Metadata["qwen3moe.expert_used_count"] = 2u;
        model.Metadata["qwen3moe.expert_feed_forward_length"] = (uint)ExpertHidden;
        model.Tensors["output.weight"] = [Width, Vocabulary];
        for (int l = 0; l < Layers; l++)
        {
            foreach (string name in new[] { "ffn_gate", "ffn_up", "ffn_down" })
                model.Tensors.Remove($"blk.{l}.{name}.weight");
            model.Tensors[$"blk.{l}.attn_q_norm.weight"] = [8];
            model.Tensors[$"blk.{l}.attn_k_norm.weight"] = [8];
            model.Tensors[$"blk.{l}.ffn_gate_inp.weight"] = [Width, Experts];
            model.Tensors[$"blk.{l}.ffn_gate_exps.weight"] = [Width, ExpertHidden, Experts];
            model.Tensors[$"blk.{l}.ffn_up_exps.weight"] = [Width, ExpertHidden, Experts];
            model.Tensors[$"blk.{l}.ffn_down_exps.weight"] = [ExpertHidden, Width, Experts];
        }
        return model;
    }

    /// <summary>An encoder with rotated positions and SwiGLU, whose vectors are means.</summary>
    public static RandomModel NomicBert(int layers = 2)
    {
        var model = Encoder("nomic-bert", layers, pooling: 1);
        model.Metadata["nomic-bert.rope.freq_base"] = 1000f;
        for (int l = 0; l < layers; l++)
        {
            model.Tensors[$"blk.{l}.attn_qkv.weight"] = [Width, 3 * Width];
            model.Tensors[$"blk.{l}.ffn_gate.weight"] = [Width, Hidden];
        }
        return model;
    }

    /// <summary>An encoder with learned positions, biases and GELU, whose vectors are the first token's.</summary>
    public static RandomModel Bert(int layers = 2)
    {
        var model = Encoder("bert", layers, pooling: 2);
        model.Tensors["position_embd.weight"] = [Width, 128];
        for (int l = 0; l < layers; l++)
        {
            foreach (string name in new[] { "attn_q", "attn_k", "attn_v" })
            {
                model.Tensors[$"blk.{l}.{name}.weight"] = [Width, Width];
                model.Tensors[$"blk.{l}.{name}.bias"] = [Width];
            }
            model.Tensors[$"blk.{l}.attn_output.bias"] = [Width];
            model.Tensors[$"blk.{l}.ffn_up.bias"] = [Hidden];
            model.Tensors[$"blk.{l}.ffn_down.bias"] = [Width];
        }
        return model;
    }

    /// <summary>A decoder that was made an embedding model: its file says how hidden states become a vector.</summary>
    public static RandomModel PooledQwen3(uint pooling)
    {
        var model = Decoder("qwen3", 2, heads: 4, kvHeads: 2, headDim: 8);
        model.Metadata["qwen3.pooling_type"] = pooling;
        model.UseWordPieces();
        for (int l = 0; l < 2; l++)
        {
            model.Tensors[$"blk.{l}.attn_q_norm.weight"] = [8];
            model.Tensors[$"blk.{l}.attn_k_norm.weight"] = [8];
        }
        return model;
    }

    public string Write(string folder)
    {
        string path = Path.Combine(folder, $"{Guid.NewGuid():N}.gguf");
        var writer = new GgufWriter();
        foreach (var (key, value) in Metadata)
            writer.Add(key, value);
        ulong state = 7;
        foreach (var (name, shape) in Tensors)
            writer.AddTensor(name, shape, Values.GetValueOrDefault(name) ?? Draw(name, shape, ref state));
        using var stream = File.Create(path);
        writer.WriteTo(stream);
        return path;
    }

    private static RandomModel Encoder(string architecture, int layers, uint pooling)
    {
        var model = Decoder(architecture, layers, heads: 4, kvHeads: 4, headDim: 8);
        var m = model.Metadata;
        foreach (string key in new[] { "attention.head_count_kv", "attention.layer_norm_rms_epsilon", "rope.dimension_count", "rope.freq_base" })
            m.Remove($"{architecture}.{key}");
        m[$"{architecture}.attention.layer_norm_epsilon"] = 1e-5f;
        m[$"{architecture}.attention.causal"] = false;
        m[$"{architecture}.pooling_type"] = pooling;
        m["tokenizer.ggml.token_type_count"] = 2u;
        model.UseWordPieces();
        var t = model.Tensors;
        foreach (string name in t.Keys.Where(name => new[] { "norm", "attn_", "gate" }.Any(part => name.Contains(part, StringComparison.Ordinal))).ToArray())
            t.Remove(name);
        t["token_types.weight"] = [Width, 2];
        LayerNorm("token_embd_norm");
        for (int l = 0; l < layers; l++)
        {
            t[$"blk.{l}.attn_output.weight"] = [Width, Width];
            LayerNorm($"blk.{l}.attn_output_norm");
            LayerNorm($"blk.{l}.layer_output_norm");
        }
        return model;

        void LayerNorm(string name)
        {
            t[$"{name}.weight"] = [Width];
            t[$"{name}.bias"] = [Width];
        }
    }

    // The peer takes a text apart while it loads, and the other kinds of tokenizer ask for bytes or merges then.
    private void UseWordPieces()
    {
        Metadata["tokenizer.ggml.model"] = "bert";
        Metadata["tokenizer.ggml.cls_token_id"] = 1u;
        Metadata["tokenizer.ggml.seperator_token_id"] = 2u;
        Metadata["tokenizer.ggml.padding_token_id"] = 0u;
        Metadata["tokenizer.ggml.mask_token_id"] = 0u;
    }

    private static RandomModel Decoder(string architecture, int layers, int heads, int kvHeads, int headDim)
    {
        var model = new RandomModel();
        var m = model.Metadata;
        m["general.architecture"] = architecture;
        m[$"{architecture}.context_length"] = 128u;
        m[$"{architecture}.embedding_length"] = (uint)Width;
        m[$"{architecture}.block_count"] = (uint)layers;
        m[$"{architecture}.feed_forward_length"] = (uint)Hidden;
        m[$"{architecture}.attention.head_count"] = (uint)heads;
        m[$"{architecture}.attention.head_count_kv"] = (uint)kvHeads;
        m[$"{architecture}.attention.layer_norm_rms_epsilon"] = 1e-5f;
        m[$"{architecture}.rope.dimension_count"] = (uint)headDim;
        m[$"{architecture}.rope.freq_base"] = 10_000f;
        m["tokenizer.ggml.model"] = "llama";
        m["tokenizer.ggml.tokens"] = Tokens();
        m["tokenizer.ggml.scores"] = new float[Vocabulary];
        m["tokenizer.ggml.token_type"] = Enumerable.Range(0, Vocabulary).Select(id => id < 3 ? 3 : 1).ToArray();
        m["tokenizer.ggml.bos_token_id"] = 1u;
        m["tokenizer.ggml.eos_token_id"] = 2u;
        m["tokenizer.ggml.unknown_token_id"] = 0u;

        var t = model.Tensors;
        t["token_embd.weight"] = [Width, Vocabulary];
        t["output_norm.weight"] = [Width];
        for (int l = 0; l < layers; l++)
        {
            t[$"blk.{l}.attn_norm.weight"] = [Width];
            t[$"blk.{l}.attn_q.weight"] = [Width, heads * headDim];
            t[$"blk.{l}.attn_k.weight"] = [Width, kvHeads * headDim];
            t[$"blk.{l}.attn_v.weight"] = [Width, kvHeads * headDim];
            t[$"blk.{l}.attn_output.weight"] = [heads * headDim, Width];
            t[$"blk.{l}.ffn_norm.weight"] = [Width];
            t[$"blk.{l}.ffn_gate.weight"] = [Width, Hidden];
            t[$"blk.{l}.ffn_up.weight"] = [Width, Hidden];
            t[$"blk.{l}.ffn_down.weight"] = [Hidden, Width];
        }
        return model;
    }

    private static string[] Tokens() =>
        [.. Enumerable.Range(0, Vocabulary).Select(id => id switch
        {
            0 => "<unk>",
            1 => "<s>",
            2 => "</s>",
            _ => ((char)(' ' + id)).ToString(),
        })];

    private static float[] Draw(string name, long[] shape, ref ulong state)
    {
        bool norm = name.EndsWith("norm.weight", StringComparison.Ordinal);
        var values = new float[shape.Aggregate(1L, (product, n) => product * n)];
        double scale = norm ? 0.1 : 1.7 / Math.Sqrt(shape[0]);
        for (int i = 0; i < values.Length; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            values[i] = (float)((norm ? 1 : 0) + (scale * (((state >> 11) * (2.0 / (1UL << 53))) - 1)));
        }
        return values;
    }
}
