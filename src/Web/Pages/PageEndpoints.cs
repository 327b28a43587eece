using Causerie.Web.Chat;
using Causerie.Web.Settings;
using Causerie.Web.Sidebar;
using Causerie.Web.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Causerie.Web.Pages;

/// <summary>The page itself, and the parts of it that a script asks for anew.</summary>
internal static class PageEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext http, PageReader reader) =>
            http.RenderAsync<ChatPage>(200, ("View", reader.Read(Visitor.Of(http.Request)))));
        routes.MapGet("/c/{id}", (HttpContext http, PageReader reader, string id) =>
        {
            var view = reader.Read(Visitor.Of(http.Request), id);
            return http.RenderAsync<ChatPage>(view.Gone ? 404 : 200, ("View", view));
        });
        routes.MapGet("/page/c/{id}/thread", (HttpContext http, PageReader reader, string id) =>
        {
            var view = reader.Read(Visitor.Of(http.Request), id, withList: false);
            return http.RenderAsync<ThreadView>(view.Gone ? 404 : 200, ("View", view));
        });
        routes.MapGet("/page/list", (HttpContext http, PageReader reader, string? c, string? q) =>
            http.RenderAsync<ConversationList>(200, ("View", reader.Read(Visitor.Of(http.Request), c, q?.Trim() ?? ""))));
        routes.MapGet("/page/picker", (HttpContext http, PageReader reader, string? c) =>
            http.RenderAsync<ModelPicker>(200, ("View", reader.Read(Visitor.Of(http.Request), c, withList: false))));
        routes.MapGet("/page/loading", (HttpContext http, PageReader reader) =>
            http.RenderAsync<LoadingList>(200, ("View", reader.Read(Visitor.Of(http.Request), withList: false))));
    }
}
