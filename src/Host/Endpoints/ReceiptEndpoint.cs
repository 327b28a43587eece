using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;
using Causerie.Ledger.Receipts;

namespace Causerie.Host.Endpoints;

/// <summary>Hands out receipts to whoever knows their names, byte for byte as they were written.</summary>
internal static class ReceiptEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, ReceiptStore? store)
    {
        foreach (string path in (string[])["/v1/receipts", "/receipts"])
            routes.MapGet(path + "/{id}", (HttpContext http, string id) => OneAsync(http, store, id));
    }

    private static async Task OneAsync(HttpContext http, ReceiptStore? store, string id)
    {
        byte[]? receipt = store is null ? null : await store.FindAsync(id, http.RequestAborted);
        if (receipt is null)
        {
            await http.RefuseAsync(
                Errors.Invalid($"There is no receipt '{id}' here.", "id", "receipt_not_found", 404));
            return;
        }

        await http.WriteJsonAsync(output => System.Buffers.BuffersExtensions.Write(output, receipt));
    }
}
