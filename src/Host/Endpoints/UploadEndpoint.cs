using System.Buffers;
using Causerie.Chat;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Microsoft.AspNetCore.Http.Features;

namespace Causerie.Host.Endpoints;

/// <summary>Takes a model file that a person drops on the page: writes it to the data folder, then loads it.</summary>
internal static class UploadEndpoint
{
    public const string Path = "/page/upload";

    public static void Map(IEndpointRouteBuilder routes, string folder) =>
        routes.MapPut(Path + "/{name}", (HttpContext http, string name, ModelLibrary library) =>
            ReceiveAsync(http, folder, name, library));

    private static async Task ReceiveAsync(HttpContext http, string folder, string name, ModelLibrary library)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (Problem(folder, name) is { } problem)
        {
            await http.RefuseAsync(Errors.Invalid(problem, "name", "invalid_value"));
            return;
        }

        string target = System.IO.Path.Combine(folder, name);
        string part = $"{target}.{Guid.NewGuid():N}.part";
        try
        {
            await WriteAsync(http, part);
            File.Move(part, target, overwrite: false);
            await LoadAsync(library, target);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (ChatException failure)
        {
            await http.RefuseAsync(Errors.Invalid(failure.Message, "name", "invalid_value"));
        }
        catch (IOException failure) when (!http.RequestAborted.IsCancellationRequested)
        {
            await http.RefuseAsync(Errors.Invalid($"'{name}' could not be written: {failure.Message}", "name", null, 507));
        }
        finally
        {
            File.Delete(part);
        }
    }

    // What cannot be loaded is not kept: the person has the file, and would meet it again at each start.
    private static async Task LoadAsync(ModelLibrary library, string target)
    {
        string id = library.Add(target);
        try
        {
            await library.LoadAsync(id, CancellationToken.None);
        }
        catch (ChatException)
        {
            library.Remove(id);
            File.Delete(target);
            throw;
        }
    }

    private static string? Problem(string folder, string name)
    {
        if (!name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || name.Length is < 6 or > 200)
            return "A model file is called something.gguf.";
        if (name.Any(c => char.IsControl(c) || "/\\:*?\"<>|".Contains(c, StringComparison.Ordinal)) || name[0] == '.')
            return $"'{name}' is no name for a file.";
        return File.Exists(System.IO.Path.Combine(folder, name))
            ? $"There is a model file called '{name}' already."
            : null;
    }

    private static async Task WriteAsync(HttpContext http, string part)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(part)!);
        await using var file = new FileStream(part, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            // Tells at once when the disk is too small.
            PreallocationSize = Math.Max(http.Request.ContentLength ?? 0, 0),
        });
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
                await file.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
