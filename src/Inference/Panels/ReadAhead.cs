using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>Brings a model's kept weights from the disk into memory while the rest of the model is read.</summary>
/// <remarks>
/// Whoever reads the weights afterwards finds them, or waits less for them. Plain reads, since advice to the system
/// (<c>madvise</c>) brought them a fifth slower.
/// </remarks>
internal sealed class ReadAhead : IDisposable
{
    private const int PieceBytes = 4 << 20;

    private readonly Thread _thread;
    private volatile bool _stop;

    private ReadAhead(string path)
    {
        _thread = new Thread(() => Run(path)) { Name = "Reading ahead", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins, where the folder keeps weights of the model; null where it keeps none.</summary>
    /// <param name="folder">Where arranged weights are kept, or null.</param>
    /// <param name="model">Whose weights.</param>
    public static ReadAhead? Start(string? folder, GgufFile model) =>
        folder is not null && KeptWeights.Find(folder, model) is { } kept ? new ReadAhead(kept.FullName) : null;

    /// <summary>Stops at the next piece.</summary>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Run(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            byte[] piece = new byte[PieceBytes];
            int read = 1;
            for (long at = 0; read > 0 && !_stop; at += read)
                read = RandomAccess.Read(file, piece, at);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who reads it says why it cannot be read.
        }
    }
}
