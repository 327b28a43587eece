using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Causerie.Host.Models;

/// <summary>Speaks to a hub with Hugging Face's layout: what files a repository has, and their bytes.</summary>
public sealed class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private const int MostPages = 1000;

    private readonly HttpClient _http;
    private readonly HubOptions _options;
    private readonly TimeProvider _time;

    /// <summary>A client of one hub.</summary>
    public HubClient(HubOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        // Redirects are followed by hand: the token goes to the hub, never to the store behind it.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = options.IdleTimeout,
            AutomaticDecompression = DecompressionMethods.None,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("causerie", "0.1"));
    }

    /// <summary>All files of <paramref name="repository"/>.</summary>
    /// <exception cref="HubException">The hub refuses or speaks nonsense.</exception>
    public async Task<ImmutableArray<HubFile>> ListAsync(string repository, CancellationToken cancellationToken)
    {
        var files = ImmutableArray.CreateBuilder<HubFile>();
        Uri? page = new(_options.BaseUrl, $"api/models/{repository}/tree/main?recursive=true");
        for (int pages = 0; page is not null; pages++)
        {
            if (pages == MostPages)
                throw new HubException($"{_options.BaseUrl.Host} lists {repository} without end.");
            using var response = await SendAsync(page, repository, 0, cancellationToken);
            using var idle = Idle(cancellationToken);
            string body = await Patient(response.Content.ReadAsStringAsync(idle.Token), cancellationToken);
            try
            {
                using var json = JsonDocument.Parse(body);
                files.AddRange(json.RootElement.EnumerateArray()
                    .Where(entry => entry.GetProperty("type").ValueEquals("file")).Select(Read));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
                or FormatException)
            {
                throw new HubException($"{page} did not answer with a list of files. Is it a hub's address?", inner: e);
            }

            page = Next(response, page);
        }

        return files.ToImmutable();
    }

    /// <summary>Begins to download from byte <paramref name="offset"/>.</summary>
    /// <returns>The response, 200 (from the start) or 206 (from the offset) or 416 (there is nothing there).</returns>
    /// <exception cref="HubException">The hub refuses.</exception>
    public async Task<HttpResponseMessage> OpenAsync(
        string repository, HubFile file, long offset, CancellationToken cancellationToken)
    {
        string path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        var url = new Uri(_options.BaseUrl, $"{repository}/resolve/main/{path}");
        return await SendAsync(url, $"{repository}/{file.Path}", offset, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static HubFile Read(JsonElement entry)
    {
        string path = entry.GetProperty("path").GetString() ?? throw new FormatException("path");
        bool large = entry.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        long size = (large ? lfs : entry).GetProperty("size").GetInt64();
        string? hash = large ? lfs.GetProperty("oid").GetString()?.ToLowerInvariant() : null;
        if (size < 0 || (hash is not null && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))))
            throw new FormatException($"{path} has no proper size and SHA-256.");
        return new HubFile(path, size, hash);
    }

    private Uri? Next(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.TryGetValues("Link", out var links))
            return null;
        string? next = links.SelectMany(value => value.Split(','))
            .FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal));
        if (next is null)
            return null;
        int start = next.IndexOf('<') + 1;
        int end = next.IndexOf('>');
        return start > 0 && end > start && Uri.TryCreate(page, next[start..end], out var url) && SameHost(url)
            ? url
            : throw new HubException($"{page} continues at '{next.Trim()}', which is not on the same hub.");
    }

    private bool SameHost(Uri url) =>
        url.Scheme == _options.BaseUrl.Scheme && url.Authority == _options.BaseUrl.Authority;

    private CancellationTokenSource Idle(CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(_options.IdleTimeout);
        return source;
    }

    private async Task<T> Patient<T>(Task<T> work, CancellationToken caller)
    {
        try
        {
            return await work;
        }
        catch (OperationCanceledException e) when (!caller.IsCancellationRequested)
        {
            throw new HubException($"{_options.BaseUrl.Host} is silent. Check the connection.", true, inner: e);
        }
        catch (HttpRequestException e)
        {
            string reason = e.InnerException?.Message ?? e.Message;
            throw new HubException($"{_options.BaseUrl.Host} cannot be reached: {reason}", true, inner: e);
        }
        catch (IOException e) when (e is not HubException)
        {
            throw new HubException($"{_options.BaseUrl.Host} cut the connection: {e.Message}", true, inner: e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        Uri url, string what, long offset, CancellationToken cancellationToken)
    {
        using var idle = Idle(cancellationToken);
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (offset > 0)
                request.Headers.Range = new RangeHeaderValue(offset, null);
            if (_options.Token is { } token && SameHost(url))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var response = await Patient(
                _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, idle.Token), cancellationToken);
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return response;
            using (response)
            {
                bool redirect = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;
                if (!redirect || response.Headers.Location is not { } location)
                    throw HubException.From(response, what, _options, _time);
                var target = new Uri(url, location);
                bool secure = target.Scheme == "https" || (target.Scheme == "http" && url.Scheme == "http");
                if (!secure)
                    throw new HubException($"{url.Host} redirects to {target}, which is not safe to follow.");
                url = target;
            }
        }

        throw new HubException($"{_options.BaseUrl.Host} redirects without end.");
    }
}
