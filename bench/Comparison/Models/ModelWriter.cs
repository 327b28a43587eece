using Causerie.Compute.Formats;
using Causerie.Inference.Gguf;

namespace Causerie.Bench.Comparison.Models;

/// <summary>Writes a model of a known shape with random weights and a real vocabulary.</summary>
internal sealed class ModelWriter
{
    private readonly GgufWriter _file = new();
    private readonly ModelShape _shape;
    private readonly FormatMix _mix;
    private readonly Action<double> _progress;
    private long _total;
    private long _written;

    private ModelWriter(ModelShape shape, string format, Action<double> progress)
    {
        _shape = shape;
        _mix = new FormatMix(format, shape.Layers);
        _progress = progress;
    }

    /// <summary>Writes the model; a file that was not finished does not keep the name.</summary>
    /// <param name="path">The file to make.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="format">A format's name, or Q4_K_M.</param>
    /// <param name="vocabulary">A GGUF file whose tokenizer is taken.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    public static void Write(
        string path, ModelShape shape, string format, string vocabulary, Action<double> progress)
    {
        var writer = new ModelWriter(shape, format, progress);
        writer.AddMetadata(format, vocabulary);
        writer.AddTensors();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string part = path + ".part";
        using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            writer._file.WriteTo(stream);
            stream.Flush(flushToDisk: true); // Dirty pages cannot be dropped from memory.
        }

        File.Move(part, path, overwrite: true);
    }

    private void AddMetadata(string format, string vocabulary)
    {
        var s = _shape;
        _file.Add("general.architecture", s.Architecture);
        _file.Add("general.name", $"{s.Name} shape, random weights, {format}");
        _file.Add("general.file_type", _mix.FileType);
        Number("block_count", s.Layers);
        Number("context_length", s.Context);
        Number("embedding_length", s.Width);
        Number("feed_forward_length", Math.Max(s.FeedForward, s.ExpertFeedForward));
        Number("attention.head_count", s.Heads);
        Number("attention.head_count_kv", s.KvHeads);
        Number("attention.key_length", s.HeadDim);
        Number("attention.value_length", s.HeadDim);
        _file.Add($"{s.Architecture}.attention.layer_norm_rms_epsilon", 1e-5f);
        _file.Add($"{s.Architecture}.rope.freq_base", s.RopeBase);
        if (s.Architecture == "llama")
            Number("rope.dimension_count", s.HeadDim);
        if (s.Experts > 0)
        {
            Number("expert_count", s.Experts);
            Number("expert_used_count", s.ExpertsUsed);
            Number("expert_feed_forward_length", s.ExpertFeedForward);
        }

        using var source = GgufFile.Open(vocabulary);
        foreach (string key in source.Metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
            _file.Add(key, Padded(key, Read(source.Metadata, key)));

        void Number(string key, int value) => _file.Add($"{s.Architecture}.{key}", (uint)value);
    }

    /// <summary>The vocabulary is filled up with unused tokens to the number that the shape has rows for.</summary>
    private object Padded(string key, object value)
    {
        string list = key["tokenizer.".Length..];
        if (value is not Array array || list is not ("ggml.tokens" or "ggml.token_type" or "ggml.scores"))
            return value;
        if (array.Length > _shape.Tokens)
            throw new ArgumentException(
                $"The vocabulary has {array.Length} tokens; {_shape.Name} has {_shape.Tokens}.");
        int missing = _shape.Tokens - array.Length;
        const int Unused = 5;
        return value switch
        {
            string[] tokens => (string[])[.. tokens, .. Enumerable.Range(0, missing).Select(i => $"[PAD{array.Length + i}]")],
            int[] types => (int[])[.. types, .. Enumerable.Repeat(Unused, missing)],
            float[] scores => (float[])[.. scores, .. Enumerable.Repeat(0f, missing)],
            _ => throw new ArgumentException($"{key} is of an unexpected type, {value.GetType()}."),
        };
    }

    private static object Read(GgufMetadata metadata, string key) => metadata.TypeOf(key) switch
    {
        GgufValueType.String => metadata.Require<string>(key),
        GgufValueType.Bool => metadata.Require<bool>(key),
        GgufValueType.UInt32 => metadata.Require<uint>(key),
        GgufValueType.Int32 => metadata.Require<int>(key),
        GgufValueType.Float32 => metadata.Require<float>(key),
        GgufValueType.Array when key.EndsWith("token_type", StringComparison.Ordinal) => metadata.Require<int[]>(key),
        GgufValueType.Array when key.EndsWith("scores", StringComparison.Ordinal) => metadata.Require<float[]>(key),
        GgufValueType.Array => metadata.Require<string[]>(key),
        var type => throw new NotSupportedException($"{key} is of type {type}, which is not copied."),
    };

    private void AddTensors()
    {
        var s = _shape;
        int queries = s.Heads * s.HeadDim;
        int keys = s.KvHeads * s.HeadDim;
        Matrix("token_embd", _mix.Embedding, s.Width, s.Tokens);
        Ones("output_norm", s.Width);
        if (s.RopeDivisors)
            _file.AddTensor("rope_freqs.weight", [s.HeadDim / 2], RopeDivisors(s.HeadDim / 2));
        for (int l = 0; l < s.Layers; l++)
        {
            Ones($"blk.{l}.attn_norm", s.Width);
            Matrix($"blk.{l}.attn_q", _mix.Most, s.Width, queries);
            Matrix($"blk.{l}.attn_k", _mix.Most, s.Width, keys);
            Matrix($"blk.{l}.attn_v", _mix.Sensitive(l), s.Width, keys);
            Matrix($"blk.{l}.attn_output", _mix.Most, queries, s.Width);
            if (s.HeadNorms)
            {
                Ones($"blk.{l}.attn_q_norm", s.HeadDim);
                Ones($"blk.{l}.attn_k_norm", s.HeadDim);
            }

            Ones($"blk.{l}.ffn_norm", s.Width);
            if (s.Experts == 0)
            {
                Matrix($"blk.{l}.ffn_gate", _mix.Most, s.Width, s.FeedForward);
                Matrix($"blk.{l}.ffn_up", _mix.Most, s.Width, s.FeedForward);
                Matrix($"blk.{l}.ffn_down", _mix.Sensitive(l), s.FeedForward, s.Width);
                continue;
            }

            Matrix($"blk.{l}.ffn_gate_inp", TensorFormat.All[0], s.Width, s.Experts);
            Matrix($"blk.{l}.ffn_gate_exps", _mix.Most, s.Width, s.ExpertFeedForward, s.Experts);
            Matrix($"blk.{l}.ffn_up_exps", _mix.Most, s.Width, s.ExpertFeedForward, s.Experts);
            Matrix($"blk.{l}.ffn_down_exps", _mix.Sensitive(l), s.ExpertFeedForward, s.Width, s.Experts);
        }
    }

    /// <summary>Products of a normalised row keep the variance 1, so that every layer has something to say.</summary>
    private void Matrix(string name, TensorFormat format, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        _total += count;
        ulong seed = (ulong)_total;
        float deviation = 1 / MathF.Sqrt(shape[0]);
        _file.AddTensor($"{name}.weight", format, shape, stream => NormalWeights.Write(
            stream, format, count, deviation, seed, weights =>
            {
                _written += weights;
                _progress((double)_written / _total);
            }));
    }

    private void Ones(string name, int length) =>
        _file.AddTensor($"{name}.weight", [length], [.. Enumerable.Repeat(1f, length)]);

    /// <summary>Low frequencies are divided by 32, high ones not, with a slope between.</summary>
    private static float[] RopeDivisors(int pairs) =>
        [.. Enumerable.Range(0, pairs).Select(i => Math.Clamp(1 + (31f * (i - (pairs / 2)) / (pairs / 4)), 1, 32))];
}
