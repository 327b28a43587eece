using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>Tells whether a model file is still the one whose weights were arranged, without reading it whole.</summary>
/// <remarks>
/// All of it comes from the files as they were opened, never from their paths, under which other files may lie by now. A
/// file that is edited in place outside the samples, and given its old time of change again, is not told apart.
/// </remarks>
internal static class SourceKey
{
    private const int Samples = 64;
    private const int SampleBytes = 4096;
    private const int HeadBytes = 1 << 16;
    private const int StemLength = 64; // So that the whole name stays below the 255 bytes of file systems.

    /// <summary>SHA-256 of the version, and of each file's length, time of change, beginning, and samples up to its end.</summary>
    public static byte[] Of(GgufFile model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        Add(PanelFile.Version, number);
        foreach (var file in model.Files)
        {
            file.ThrowIfChanged();
            Add(file.Length, number);
            Add(file.Changed.Ticks, number);
            hash.AppendData(file.Slice(0, (int)Math.Min(HeadBytes, file.Length)));
            for (int i = 1; i <= Samples; i++)
            {
                // The last sample is the file's end.
                long end = (file.Length / Samples * i) + (file.Length % Samples * i / Samples);
                long start = Math.Max(0, end - SampleBytes);
                hash.AppendData(file.Slice(start, (int)(end - start)));
            }
        }

        return hash.GetHashAndReset();

        void Add(long value, Span<byte> bytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }
    }

    /// <summary>The name of the file that keeps arranged weights, and the part of it that other states of the model share.</summary>
    public static (string Name, string Model) FileName(GgufFile model, ReadOnlySpan<byte> key)
    {
        string path = Path.GetFullPath(model.Path);
        string place = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..8];

        // The stem is for people; letters that a pattern or a file system reads in its own way would be for nobody.
        var stem = Path.GetFileNameWithoutExtension(path).Take(StemLength)
            .Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_');
        string shared = $"{string.Concat(stem)}-{place}-";
        return ($"{shared}{Convert.ToHexStringLower(key)[..16]}{PanelStore.Extension}", shared);
    }
}
