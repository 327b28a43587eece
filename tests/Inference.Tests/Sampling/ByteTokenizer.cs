using System.Text;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Tests.Sampling;

/// <summary>A tokenizer whose token ids are the bytes, for samplers that look at the text.</summary>
internal class ByteTokenizer : Tokenizer
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

    /// <summary>With <paramref name="size"/> tokens; those above 255 spell nothing.</summary>
    public static ByteTokenizer Of(int size = 256) => new()
    {
        Vocabulary = new Vocabulary { Model = "bytes", Tokens = [.. Enumerable.Range(0, size).Select(i => $"<{i}>")] },
    };

    public override int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false) =>
        [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];

    public override ReadOnlySpan<byte> Bytes(int id, bool showSpecial = false) =>
        id < 256 ? AllBytes.AsSpan(id, 1) : [];

    public override string Decode(ReadOnlySpan<int> ids, bool showSpecial = false)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
            bytes.AddRange(Bytes(id));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    public override bool IsEndOfGeneration(int id) => false;

    /// <summary>Token 256 ends an answer.</summary>
    internal sealed class WithEnd : ByteTokenizer
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public WithEnd() =>
            Vocabulary = new Vocabulary { Model = "bytes", Tokens = [.. Enumerable.Range(0, 257).Select(i => $"<{i}>")] };

        public override bool IsEndOfGeneration(int id) => id == 256;
    }
}
