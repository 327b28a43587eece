using Causerie.Compute.Memory;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>Asks the disk for a model's kept weights while the rest of the model is read.</summary>
/// <remarks>Advice only: whoever reads the weights afterwards finds them, or waits less for them.</remarks>
internal sealed class ReadAhead : IDisposable
{
    private const int PieceBytes = 16 << 20;

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
            using var file = MappedFile.Open(path);
            for (long at = 0; at < file.Length && !_stop; at += PieceBytes)
                file.WillNeed(at, Math.Min(PieceBytes, file.Length - at));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who reads it says why it cannot be read.
        }
    }
}
