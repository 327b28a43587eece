using System.Buffers;
using System.Text;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Files;
using Causerie.Host.Models;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Causerie.Host.Endpoints;

/// <summary>Reads one form with a file, which goes to the disk as it comes.</summary>
/// <param name="files">Where it goes.</param>
/// <param name="most">The longest file that is taken, in bytes.</param>
internal sealed class FileUpload(ApiFiles files, long most)
{
    private const int LongestField = 1000; // bytes
    private const int LongestName = 255; // characters
    private const int LongestBoundary = 70; // RFC 2046, 5.1.1
    private const long LongestRest = 64 * 1024; // bytes of a form beside its file

    private readonly Dictionary<string, string> _fields = [];
    private string? _name;

    /// <summary>Reads the form and keeps the file, or nothing.</summary>
    /// <exception cref="RejectedException">The form is malformed, a field is not one of those, or the file is too large.</exception>
    public async Task<ApiFile> ReadAsync(HttpRequest request, string owner)
    {
        if (request.ContentLength > most + LongestRest)
            throw TooLarge();
        RequestBody.CheckEncoding(request);
        var parts = new MultipartReader(Boundary(request), request.Body);
        RequestBody.LiftLimit(request);
        ApiFiles.NewFile? file = null;
        try
        {
            while (await parts.ReadNextSectionAsync(request.HttpContext.RequestAborted) is { } part)
            {
                if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var what) || what.DispositionType != "form-data")
                    throw Malformed("each part must have a Content-Disposition of form-data");
                string name = HeaderUtilities.RemoveQuotes(what.Name).ToString();
                if (name != "file")
                    await ReadFieldAsync(part, name);
                else if (file is not null)
                    throw Twice(name);
                else
                    await ReadFileAsync(part, what, file = await OnDiskAsync(() => Task.FromResult(files.Begin())));
            }

            if (file is null)
                throw Missing("file");
            string purpose = FileObject.CheckPurpose(_fields.GetValueOrDefault("purpose") ?? throw Missing("purpose"));
            var lifetime = Lifetime(purpose);
            return await OnDiskAsync(() => file.KeepAsync(owner, _name!, purpose, lifetime));
        }
        catch (BadHttpRequestException failure)
        {
            throw RequestBody.Unreadable(failure);
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw Malformed(failure.Message); // what the disk says is a refusal by now
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync();
        }
    }

    private async Task ReadFileAsync(MultipartSection part, ContentDispositionHeaderValue what, ApiFiles.NewFile file)
    {
        string name = HeaderUtilities.RemoveQuotes(what.FileNameStar.HasValue ? what.FileNameStar : what.FileName).ToString();
        if (name.Length == 0)
            throw new RejectedException(Errors.Invalid("'file' must be a file with a filename.", "file", "invalid_type"));
        if (name.Length > LongestName || name.Any(char.IsControl))
        {
            throw new RejectedException(Errors.Invalid(
                $"A filename may have at most {LongestName} characters, and none that control a terminal.", "file", "invalid_value"));
        }

        _name = name;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            int read;
            while ((read = await part.Body.ReadAsync(buffer)) > 0)
            {
                if (file.Stream.Length + read > most)
                    throw TooLarge();
                await OnDiskAsync(async () =>
                {
                    await file.Stream.WriteAsync(buffer.AsMemory(0, read));
                    return file;
                });
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<T> OnDiskAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StorageException)
        {
            throw new RejectedException(Errors.Invalid($"The file could not be kept: {failure.Message}", "file", "insufficient_storage", 507));
        }
    }

    private async Task ReadFieldAsync(MultipartSection part, string name)
    {
        if (name is not ("purpose" or "expires_after" or "expires_after[anchor]" or "expires_after[seconds]"))
            throw new RejectedException(Errors.Invalid($"'{name}' is not a parameter of this API.", name, "unknown_parameter"));
        byte[] value = new byte[LongestField + 1];
        int length = await part.Body.ReadAtLeastAsync(value, value.Length, throwOnEndOfStream: false);
        if (length > LongestField)
            throw new RejectedException(Errors.Invalid($"'{name}' is too long.", name, "string_above_max_length"));
        if (!_fields.TryAdd(name, Encoding.UTF8.GetString(value, 0, length)))
            throw Twice(name);
    }

    private TimeSpan? Lifetime(string purpose)
    {
        var parts = ExpiresAfter.Read(_fields.GetValueOrDefault("expires_after[anchor]"), _fields.GetValueOrDefault("expires_after[seconds]"));
        if (_fields.TryGetValue("expires_after", out string? json))
            return parts is null ? ExpiresAfter.Read(json) : throw Twice("expires_after");
        return parts ?? (purpose == FileObject.Batch ? ExpiresAfter.OfBatchInput : null);
    }

    private static string Boundary(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
        {
            throw new RejectedException(Errors.Invalid(
                $"The content type must be multipart/form-data, not '{request.ContentType ?? "none"}'.", null, "unsupported_content_type", 415));
        }

        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= LongestBoundary ? boundary : throw Malformed("its boundary is missing or too long");
    }

    private static RejectedException Malformed(string why) =>
        new(Errors.Invalid($"The form could not be read: {why.TrimEnd('.')}.", null, "invalid_multipart"));

    private static RejectedException Missing(string name) =>
        new(Errors.Invalid($"The required parameter '{name}' is missing.", name, "missing_required_parameter"));

    private static RejectedException Twice(string name) =>
        new(Errors.Invalid($"'{name}' is given twice.", name, "duplicate_parameter"));

    private RejectedException TooLarge() => new(Errors.Invalid(
        $"The file is larger than the {ByteSize.Text(most)} that this server takes; --max-file says how much.", "file", "file_too_large", 413));
}
