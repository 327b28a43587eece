namespace Causerie.Host.Models;

/// <summary>How far the download of one file has come.</summary>
/// <param name="File">Which file.</param>
/// <param name="Done">Bytes on disk so far.</param>
/// <param name="Note">What a person should know, such as a connection tried again; usually null.</param>
public sealed record DownloadProgress(HubFile File, long Done, string? Note = null);
