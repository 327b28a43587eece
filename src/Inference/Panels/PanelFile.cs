using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Panels;

/// <summary>The head of a file of arranged weights: whose they are, how they lie, and what they must hash to.</summary>
/// <remarks>
/// Little endian: the magic number, version, length of the head, key of the source (32 bytes), number of matrices, number
/// of pieces; of each matrix format, rows, columns, order of bytes, place in the source, offset, length; XXH3 of each piece
/// of <see cref="PieceBytes"/> of the panels; XXH3 of all before. The panels follow at a multiple of 4096.
/// </remarks>
internal sealed class PanelFile
{
    /// <summary>Bytes of panels that are hashed together.</summary>
    public const int PieceBytes = 16 << 20;

    /// <summary>Counts what changes this head; the order of bytes in panels tells of itself.</summary>
    public const int Version = 2;

    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    private const ulong Magic = 0x4C454E4150554143; // "CAUPANEL"
    private const int FixedBytes = 16 + KeyBytes + 8;
    private const int MatrixBytes = 44;
    private const int Alignment = 4096;

    private PanelFile(long start, ulong[] pieces)
    {
        Start = start;
        Pieces = pieces;
    }

    /// <summary>Where the panels begin.</summary>
    public long Start { get; }

    /// <summary>What each piece of the panels must hash to.</summary>
    public IReadOnlyList<ulong> Pieces { get; }

    /// <summary>Pieces of some panels.</summary>
    public static int PiecesOf(long bytes) => checked((int)((bytes + PieceBytes - 1) / PieceBytes));

    /// <summary>Bytes before the panels, whole pages.</summary>
    public static long StartOf(WeightPanels panels) =>
        (HeadBytes(panels) + Alignment - 1) / Alignment * Alignment;

    /// <summary>The head of a file, filled up to <see cref="StartOf"/>.</summary>
    /// <param name="panels">What the file holds.</param>
    /// <param name="key">Whose weights.</param>
    /// <param name="pieces">[PiecesOf] XXH3.</param>
    public static byte[] Write(WeightPanels panels, ReadOnlySpan<byte> key, ReadOnlySpan<ulong> pieces)
    {
        byte[] head = new byte[StartOf(panels)];
        int length = checked((int)HeadBytes(panels));
        var rest = head.AsSpan();
        Put(ref rest, Magic);
        Put(ref rest, Version);
        Put(ref rest, length);
        key[..KeyBytes].CopyTo(rest);
        rest = rest[KeyBytes..];
        Put(ref rest, panels.Count);
        Put(ref rest, pieces.Length);
        foreach (var matrix in panels.Matrices)
        {
            Put(ref rest, matrix.Format);
            Put(ref rest, matrix.Rows);
            Put(ref rest, matrix.Columns);
            Put(ref rest, matrix.Order);
            Put(ref rest, PlaceOf(matrix));
            Put(ref rest, (ulong)matrix.Offset);
            Put(ref rest, (ulong)matrix.Length);
        }

        foreach (ulong piece in pieces)
            Put(ref rest, piece);
        Put(ref rest, XxHash3.HashToUInt64(head.AsSpan(0, length - 8)));
        return head;
    }

    /// <summary>Reads a head; false with the reason where the file is not of these weights, or damaged.</summary>
    /// <param name="file">The first bytes of the file, as many as <see cref="StartOf"/> or all there are.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <param name="panels">What it should hold.</param>
    /// <param name="key">Whose weights are wanted.</param>
    /// <param name="read">The head.</param>
    /// <param name="problem">Why not.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> file, long fileLength, WeightPanels panels, ReadOnlySpan<byte> key,
        [NotNullWhen(true)] out PanelFile? read, out string problem)
    {
        read = null;
        problem = "it is cut";
        long start = StartOf(panels);
        if (file.Length < start || fileLength != checked(start + panels.Bytes))
            return false;

        // What is expected is known to the byte; only the hashes of the pieces come from the file.
        ulong[] pieces = new ulong[PiecesOf(panels.Bytes)];
        int piecesAt = FixedBytes + (MatrixBytes * panels.Count);
        for (int i = 0; i < pieces.Length; i++)
            pieces[i] = BinaryPrimitives.ReadUInt64LittleEndian(file[(piecesAt + (8 * i))..]);
        if (!file[..(int)start].SequenceEqual(Write(panels, key, pieces)))
        {
            problem = "it holds other weights, or its head is damaged";
            return false;
        }

        read = new PanelFile(start, pieces);
        return true;
    }

    /// <summary>Tells matrices of one shape apart, should a later version list a model's in another order.</summary>
    private static ulong PlaceOf(PanelMatrix matrix) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(Path.GetFileName(matrix.Source)), matrix.SourceOffset);

    private static long HeadBytes(WeightPanels panels) =>
        checked(FixedBytes + (MatrixBytes * (long)panels.Count) + (8L * PiecesOf(panels.Bytes)) + 8);

    private static void Put(ref Span<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, value);
        target = target[4..];
    }

    private static void Put(ref Span<byte> target, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, value);
        target = target[8..];
    }
}
