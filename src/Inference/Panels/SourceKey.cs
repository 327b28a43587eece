using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>Tells whether a model file is still the one whose weights were arranged, without reading it whole.</summary>
internal static class SourceKey
{
    private const int Samples = 64;
    private const int SampleBytes = 4096;
    private const int HeadBytes = 1 << 16;

    /// <summary>SHA-256 of the version, and of each file's length, time of change, beginning, and samples up to its end.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static byte[] Of(GgufFile model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        Add(PanelFile.Version, number);
        byte[] buffer = new byte[HeadBytes];
        foreach (string path in model.Paths)
        {
            using var handle = File.OpenHandle(path);
            long length = RandomAccess.GetLength(handle);
            Add(length, number);
            Add(File.GetLastWriteTimeUtc(handle).Ticks, number);
            AddBytes(handle, 0, HeadBytes);
            for (int i = 1; i <= Samples; i++)
                AddBytes(handle, Math.Max(0, (length / Samples * i) - SampleBytes), SampleBytes);
        }

        return hash.GetHashAndReset();

        void Add(long value, Span<byte> bytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }

        void AddBytes(Microsoft.Win32.SafeHandles.SafeFileHandle handle, long offset, int count) =>
            hash.AppendData(buffer, 0, RandomAccess.Read(handle, buffer.AsSpan(0, count), offset));
    }

    /// <summary>The name of the file that keeps arranged weights, and the part of it that other states of the model share.</summary>
    public static (string Name, string Model) FileName(GgufFile model, ReadOnlySpan<byte> key)
    {
        string path = Path.GetFullPath(model.Path);
        string stem = Path.GetFileNameWithoutExtension(path);
        string place = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..8];
        string shared = $"{(stem.Length > 64 ? stem[..64] : stem)}-{place}-";
        return ($"{shared}{Convert.ToHexStringLower(key)[..16]}{PanelStore.Extension}", shared);
    }
}
