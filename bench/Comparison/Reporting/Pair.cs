using Causerie.Bench.Comparison.Measuring;
using Causerie.Inference.Gguf;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>What both engines did on one file with the same threads.</summary>
internal sealed class Pair
{
    private readonly Dictionary<(RunKind Kind, bool Peer), List<Measurement>> _runs = [];
    private readonly double _cacheBytesPerPosition;

    /// <summary>Nothing measured yet.</summary>
    public Pair(string file, int threads)
    {
        File = file;
        string name = Path.GetFileNameWithoutExtension(file);
        Model = name[..name.LastIndexOf('-')];
        Format = name[(name.LastIndexOf('-') + 1)..];
        Threads = threads;
        using var gguf = GgufFile.Open(file);
        string prefix = gguf.Metadata.Require<string>("general.architecture") + ".";
        double used = gguf.Metadata.GetOr(prefix + "expert_used_count", 0) /
            (double)gguf.Metadata.GetOr(prefix + "expert_count", 1);
        foreach (var tensor in gguf.Tensors.Values)
        {
            double part = tensor.Name.Contains("_exps", StringComparison.Ordinal) ? used : 1;
            BytesPerToken += part * tensor.Length;

            // The embedding, which is the output matrix too, is multiplied for a prompt's last token only.
            if (tensor.Shape.Length > 1 && !tensor.Name.StartsWith("token_embd", StringComparison.Ordinal))
                ProductsPerToken += part * tensor.Shape.Aggregate(1.0, (product, length) => product * length);
        }

        _cacheBytesPerPosition = 2.0 * sizeof(ushort) * gguf.Metadata.GetOr(prefix + "block_count", 0) *
            gguf.Metadata.GetOr(prefix + "attention.head_count_kv", 0) *
            gguf.Metadata.GetOr(prefix + "attention.key_length", 0);
    }

    /// <summary>The model.</summary>
    public string File { get; }

    /// <summary>The model's shape.</summary>
    public string Model { get; }

    /// <summary>The format of its weights.</summary>
    public string Format { get; }

    /// <summary>Threads of both.</summary>
    public int Threads { get; }

    /// <summary>Weights that one token reads.</summary>
    public double BytesPerToken { get; }

    /// <summary>Multiply-adds with weights for one token of a prompt.</summary>
    public double ProductsPerToken { get; }

    /// <summary>The largest part of a file that was not dropped before a cold start, 0 to 1.</summary>
    public double Resident { get; private set; }

    /// <summary>Weights, and f16 keys and values, that a token after <paramref name="depth"/> others reads.</summary>
    public double BytesAt(int depth) => BytesPerToken + (depth * _cacheBytesPerPosition);

    /// <summary>Notes a measurement.</summary>
    public void Add(RunKind kind, bool peer, Measurement one)
    {
        if (!_runs.TryGetValue((kind, peer), out var list))
            _runs.Add((kind, peer), list = []);
        list.Add(one);
    }

    /// <summary>Notes how much of a file stayed in memory though it was dropped.</summary>
    public void Stayed(double part) => Resident = Math.Max(Resident, part);

    /// <summary>What an engine did in one kind of run; empty where it was not measured.</summary>
    public IReadOnlyList<Measurement> Runs(RunKind kind, bool peer) =>
        _runs.TryGetValue((kind, peer), out var list) ? list : [];

    /// <summary>Everything that an engine did.</summary>
    public IEnumerable<Measurement> Runs(bool peer) =>
        _runs.Where(runs => runs.Key.Peer == peer).SelectMany(runs => runs.Value);

    /// <summary>Whether both wrote the same first token after every prompt.</summary>
    public bool SameTokens => Tokens(peer: false).SequenceEqual(Tokens(peer: true));

    /// <summary>The part of the processors that other programs used during the most disturbed run, 0 to 1.</summary>
    public double Disturbance => Runs(false).Concat(Runs(true)).Max(one => one.Disturbance);

    private IEnumerable<int> Tokens(bool peer) => new[] { RunKind.Warm, RunKind.Long }
        .SelectMany(kind => Runs(kind, peer).Take(1)).SelectMany(one => one.Prompts).Select(run => run.Token);
}
