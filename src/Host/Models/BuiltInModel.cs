namespace Causerie.Host.Models;

/// <summary>The small model that ships with the program, so that a machine without any can begin a conversation.</summary>
/// <remarks><c>causerie train data/guide.json</c> makes it.</remarks>
public static class BuiltInModel
{
    /// <summary>What it is called wherever a model is named.</summary>
    public const string Id = "causerie-guide";

    /// <summary>Its file, beside the program; null where somebody took it away.</summary>
    public static string? Locate()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Id + ".gguf");
        return File.Exists(path) ? path : null;
    }
}
