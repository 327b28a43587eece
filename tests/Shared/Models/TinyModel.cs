using Causerie.Inference.Gguf;

namespace Causerie.Tests;

/// <summary>A random but repeatable model of the llama architecture, small enough for a test to write it itself.</summary>
/// <remarks>
/// Its vocabulary is byte-level, so any text goes in and any bytes come out: 256 byte tokens, a few merges, BOS, EOS and
/// the control tokens of ChatML, whose template it carries. 2 layers, width 32, 4 heads on 2 key heads, F32.
/// </remarks>
internal static class TinyModel
{
    public const int Layers = 2;
    public const int Width = 32;
    public const int Hidden = 64;
    public const int Heads = 4;
    public const int KeyHeads = 2;
    public const int Context = 2048;

    public const string Template =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}" +
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private const string Pairs =
        "Ġ t|h e|Ġ a|i n|r e|o n|Ġt he|e r|Ġ s|a t|Ġ w|Ġ o|e n|Ġ c|i t|i s|a n|o r|e s|Ġ b|e d|Ġ f|in g|" +
        "Ġ p|o u|Ġa n|a l|a r|Ġt o|Ġ m|Ġo f|Ġ in|Ġ d|Ġ h|Ġan d";

    /// <summary>Token texts: bytes, merges, then the four control tokens.</summary>
    public static string[] Tokens { get; } =
        [.. ByteTokens(), .. Merges().Select(pair => pair.Replace(" ", "", StringComparison.Ordinal)),
            "<s>", "</s>", "<|im_start|>", "<|im_end|>"];

    public static int Bos => Tokens.Length - 4;

    public static int Eos => Tokens.Length - 3;

    public static int TurnStart => Tokens.Length - 2;

    public static int TurnEnd => Tokens.Length - 1;

    /// <summary>Writes the model to <paramref name="path"/> (a fresh temporary file where null) and returns the path.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="more">Adds to what the file says of itself.</param>
    public static string Write(string? path = null, ulong seed = 1, Action<GgufWriter>? more = null)
    {
        path ??= Path.Combine(Path.GetTempPath(), $"causerie-tiny-{Guid.NewGuid():N}.gguf");
        using var stream = File.Create(path);
        WriteTo(stream, seed, more);
        return path;
    }

    /// <summary>The same model's bytes.</summary>
    public static byte[] Bytes(ulong seed = 1)
    {
        using var stream = new MemoryStream();
        WriteTo(stream, seed);
        return stream.ToArray();
    }

    public static void WriteTo(Stream stream, ulong seed, Action<GgufWriter>? more = null)
    {
        var writer = new GgufWriter();
        AddMetadata(writer);
        more?.Invoke(writer);
        AddTensors(writer, seed);
        writer.WriteTo(stream);
    }

    private static void AddMetadata(GgufWriter writer)
    {
        writer.Add("general.architecture", "llama");
        writer.Add("general.name", "Tiny");
        writer.Add("llama.context_length", (uint)Context);
        writer.Add("llama.embedding_length", (uint)Width);
        writer.Add("llama.block_count", (uint)Layers);
        writer.Add("llama.feed_forward_length", (uint)Hidden);
        writer.Add("llama.attention.head_count", (uint)Heads);
        writer.Add("llama.attention.head_count_kv", (uint)KeyHeads);
        writer.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.Add("llama.rope.dimension_count", (uint)(Width / Heads));
        writer.Add("llama.rope.freq_base", 10000f);
        writer.Add("llama.vocab_size", (uint)Tokens.Length);
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "gpt-2");
        writer.Add("tokenizer.ggml.tokens", Tokens);
        writer.Add("tokenizer.ggml.token_type", Tokens.Select((_, id) => id < Bos ? 1 : 3).ToArray());
        writer.Add("tokenizer.ggml.merges", Merges());
        writer.Add("tokenizer.ggml.bos_token_id", (uint)Bos);
        writer.Add("tokenizer.ggml.eos_token_id", (uint)Eos);
        writer.Add("tokenizer.ggml.eot_token_id", (uint)TurnEnd);
        writer.Add("tokenizer.ggml.add_bos_token", true);
        writer.Add("tokenizer.chat_template", Template);
    }

    private static void AddTensors(GgufWriter writer, ulong seed)
    {
        int keyWidth = Width / Heads * KeyHeads;
        ulong state = seed;
        Matrix("token_embd.weight", Tokens.Length, Width);
        for (int layer = 0; layer < Layers; layer++)
        {
            Norm($"blk.{layer}.attn_norm.weight");
            Matrix($"blk.{layer}.attn_q.weight", Width, Width);
            Matrix($"blk.{layer}.attn_k.weight", keyWidth, Width);
            Matrix($"blk.{layer}.attn_v.weight", keyWidth, Width);
            Matrix($"blk.{layer}.attn_output.weight", Width, Width);
            Norm($"blk.{layer}.ffn_norm.weight");
            Matrix($"blk.{layer}.ffn_gate.weight", Hidden, Width);
            Matrix($"blk.{layer}.ffn_up.weight", Hidden, Width);
            Matrix($"blk.{layer}.ffn_down.weight", Width, Hidden);
        }
        Norm("output_norm.weight");
        Matrix("output.weight", Tokens.Length, Width);

        void Matrix(string name, int rows, int columns)
        {
            var values = new float[rows * columns];
            double scale = 1.7 / Math.Sqrt(columns);
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(scale * Uniform(ref state));
            writer.AddTensor(name, [columns, rows], values);
        }

        void Norm(string name)
        {
            var values = new float[Width];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(1 + (0.1 * Uniform(ref state)));
            writer.AddTensor(name, [Width], values);
        }
    }

    private static string[] Merges() => Pairs.Split('|');

    // GPT-2 spells each byte with one printable character: itself, or the next free one from U+0100 on.
    private static IEnumerable<string> ByteTokens()
    {
        int next = 0x100;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            yield return ((char)(printable ? b : next++)).ToString();
        }
    }

    // SplitMix64, −1 to 1.
    private static double Uniform(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return ((z >> 11) * (2.0 / (1UL << 53))) - 1;
    }
}
