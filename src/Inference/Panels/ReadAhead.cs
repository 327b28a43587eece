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

    /// <summary>Begins, where there is such a file; null where there is none.</summary>
    public static ReadAhead? Start(KeptFile? kept) =>
        kept is not null && File.Exists(kept.FilePath) ? new ReadAhead(kept.FilePath) : null;

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
