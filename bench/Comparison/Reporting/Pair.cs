using Causerie.Bench.Comparison.Measuring;
using Causerie.Inference.Gguf;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>What both engines did on one file with the same threads.</summary>
internal sealed class Pair
{
    private readonly List<Measurement> _own = [];
    private readonly List<Measurement> _peer = [];
    private readonly List<Measurement> _ownCold = [];
    private readonly List<Measurement> _peerCold = [];

    /// <summary>Nothing measured yet.</summary>
    public Pair(string file, int threads)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        Model = name[..name.LastIndexOf('-')];
        Format = name[(name.LastIndexOf('-') + 1)..];
        Threads = threads;
        using var gguf = GgufFile.Open(file);
        string prefix = gguf.Metadata.Require<string>("general.architecture") + ".";
        double used = gguf.Metadata.GetOr(prefix + "expert_used_count", 0) /
            (double)gguf.Metadata.GetOr(prefix + "expert_count", 1);
        BytesPerToken = gguf.Tensors.Values.Sum(
            tensor => tensor.Name.Contains("_exps", StringComparison.Ordinal) ? tensor.Length * used : tensor.Length);
    }

    /// <summary>The model's shape.</summary>
    public string Model { get; }

    /// <summary>The format of its weights.</summary>
    public string Format { get; }

    /// <summary>Threads of both.</summary>
    public int Threads { get; }

    /// <summary>Weights that one token reads.</summary>
    public double BytesPerToken { get; }

    /// <summary>The variants that ran.</summary>
    public (string Own, string Peer) Variants => (_own[0].Variant, _peer[0].Variant);

    /// <summary>Notes a measurement with the file in memory.</summary>
    public void Add(bool peer, Measurement one) => (peer ? _peer : _own).Add(one);

    /// <summary>Notes a start with the file not in memory.</summary>
    public void AddCold(bool peer, Measurement one) => (peer ? _peerCold : _ownCold).Add(one);

    /// <summary>Whether both wrote the same first token after every prompt.</summary>
    public bool SameTokens => _own[0].Prompts.Select(p => p.Token).SequenceEqual(_peer[0].Prompts.Select(p => p.Token));

    /// <summary>The part of the processors that other programs used during the most disturbed run, 0 to 1.</summary>
    public double Disturbance => _own.Concat(_peer).Max(one => one.Disturbance);

    /// <summary>One figure of all measurements of both.</summary>
    public (Spread Own, Spread Peer) Of(Func<Measurement, double> figure) =>
        (Spread.Of(_own.Select(figure)), Spread.Of(_peer.Select(figure)));

    /// <summary>The cold starts of both, or null.</summary>
    public (Spread Own, Spread Peer)? Cold => _ownCold.Count == 0
        ? null
        : (Spread.Of(_ownCold.Select(m => m.StartMilliseconds)), Spread.Of(_peerCold.Select(m => m.StartMilliseconds)));
}
