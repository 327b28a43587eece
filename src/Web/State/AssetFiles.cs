using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Causerie.Web.State;

/// <summary>The page's scripts, styles and fonts, inside this assembly: they are there however it is run.</summary>
/// <remarks>Their address holds a digest of them all, so a browser keeps them for ever and never mixes versions.</remarks>
public sealed class AssetFiles
{
    private const string Prefix = "asset/";

    private readonly FrozenDictionary<string, byte[]> _files;

    /// <summary>Reads them into memory: about 200 kB.</summary>
    public AssetFiles()
    {
        var assembly = typeof(AssetFiles).Assembly;
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            using var stream = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files.Add(name[Prefix.Length..].Replace('\\', '/'), bytes);
            digest.AppendData(bytes);
        }

        _files = files.ToFrozenDictionary();
        Base = $"/assets/{Convert.ToHexStringLower(digest.GetHashAndReset())[..12]}";
    }

    /// <summary>The path before each file's name.</summary>
    public string Base { get; }

    internal IResult Get(string version, string? name, HttpContext http)
    {
        if (name is null || Base != $"/assets/{version}" || !_files.TryGetValue(name, out byte[]? bytes))
            return Results.NotFound();
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(bytes, System.IO.Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".woff2" => "font/woff2",
            _ => "text/plain; charset=utf-8",
        });
    }
}
