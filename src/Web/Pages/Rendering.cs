using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Causerie.Web.Pages;

/// <summary>Writes a component's HTML as a response.</summary>
internal static class Rendering
{
    public static async Task RenderAsync<TComponent>(
        this HttpContext http, int status, params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        string html = await HtmlAsync<TComponent>(http.RequestServices, parameters);
        PageSecurity.Apply(http.Response);
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(html, http.RequestAborted);
    }

    public static async Task<string> HtmlAsync<TComponent>(
        IServiceProvider services, params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var view = ParameterView.FromDictionary(parameters.ToDictionary(p => p.Name, p => p.Value));
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TComponent>(view)).ToHtmlString());
    }
}
