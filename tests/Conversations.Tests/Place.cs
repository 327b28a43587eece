using Causerie.Conversations.Storage;

namespace Causerie.Tests;

/// <summary>A folder of a test's own with a database in it, gone afterwards.</summary>
internal sealed class Place : IDisposable
{
    public Place()
    {
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "causerie-" + Guid.NewGuid().ToString("N"));

    public string File => Path.Combine(Folder, "causerie.db");

    public Sqlite Open(TimeProvider? time = null) => Sqlite.Open(File, time ?? TimeProvider.System);

    public void Dispose() => Directory.Delete(Folder, true);
}
