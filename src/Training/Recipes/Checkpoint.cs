using System.Buffers.Binary;
using System.IO.Hashing;
using Causerie.Training.Corpus;

namespace Causerie.Training.Recipes;

/// <summary>Training as it stood after a step: going on from it gives the bits that going on without a stop gives.</summary>
/// <param name="Origin">Digest of recipe, data and vocabulary: a checkpoint goes on only with what it began with.</param>
/// <param name="Step">Steps that were taken.</param>
/// <param name="NextDocument">The document that the next batch begins with.</param>
/// <param name="Losses">[step] nats a learnt token.</param>
/// <param name="Parameters">[parameters].</param>
/// <param name="Mean">[parameters] the optimiser's.</param>
/// <param name="Square">[parameters] the optimiser's.</param>
public sealed record Checkpoint(
    UInt128 Origin, int Step, long NextDocument, float[] Losses, float[] Parameters, float[] Mean, float[] Square)
{
    private const int HeaderBytes = 56;
    private static ReadOnlySpan<byte> Magic => "CAUSTRN1"u8;

    /// <summary>Writes the checkpoint; one that is not finished never has its name.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        string part = path + ".part";
        using (var stream = File.Create(part, 1 << 20))
        {
            var hash = new XxHash128();
            var header = new byte[HeaderBytes];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteUInt128LittleEndian(header.AsSpan(8), Origin);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), Step);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), Losses.Length);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), NextDocument);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), Parameters.Length);
            Put(header);
            var bytes = new byte[1 << 16];
            foreach (float[] values in new[] { Losses, Parameters, Mean, Square })
            {
                for (int from = 0; from < values.Length; from += bytes.Length / 4)
                {
                    int count = Math.Min(bytes.Length / 4, values.Length - from);
                    for (int i = 0; i < count; i++)
                        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[from + i]);
                    Put(bytes.AsSpan(0, count * 4));
                }
            }
            stream.Write(hash.GetCurrentHash());
            stream.Flush(flushToDisk: true);

            void Put(ReadOnlySpan<byte> data)
            {
                hash.Append(data);
                stream.Write(data);
            }
        }
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CorpusException">It is none, was cut short or altered.</exception>
    public static Checkpoint Read(string path)
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (file.Length < HeaderBytes + 16 || file.Length > Array.MaxLength)
                throw new CorpusException($"{path} has {file.Length} bytes and is no checkpoint.");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} cannot be read: {e.Message}", e);
        }
        var data = bytes.AsSpan();
        if (!data.StartsWith(Magic))
            throw new CorpusException($"{path} is no checkpoint of Causerie's training.");
        int losses = BinaryPrimitives.ReadInt32LittleEndian(data[28..]);
        long parameters = BinaryPrimitives.ReadInt64LittleEndian(data[40..]);
        int step = BinaryPrimitives.ReadInt32LittleEndian(data[24..]);
        long floats = (data.Length - HeaderBytes - 16L) / 4;
        if (losses < 0 || step < 0 || parameters is < 0 or > int.MaxValue || losses + (3 * parameters) != floats
            || (data.Length - HeaderBytes) % 4 != 0)
            throw new CorpusException($"{path} was cut short: its header tells of other sizes.");
        if (!XxHash128.Hash(data[..^16]).AsSpan().SequenceEqual(data[^16..]))
            throw new CorpusException($"{path} was altered: its digest does not fit.");
        int at = HeaderBytes;
        return new Checkpoint(
            BinaryPrimitives.ReadUInt128LittleEndian(data[8..]), step,
            BinaryPrimitives.ReadInt64LittleEndian(data[32..]),
            Take(losses), Take((int)parameters), Take((int)parameters), Take((int)parameters));

        float[] Take(int count)
        {
            var values = new float[count];
            for (int i = 0; i < count; i++, at += 4)
                values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
            return values;
        }
    }
}
