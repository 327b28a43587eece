using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Causerie.Conversations;

namespace Causerie.Web.State;

/// <summary>Short digests by which a page tells what it must show anew.</summary>
internal static class Stamps
{
    /// <summary>Of one message as it is shown: how it ended, its versions, and what may be done with it.</summary>
    public static string Of(PageView view, Message message)
    {
        var versions = view.Tree!.VersionsOf(message);
        // While it is written its words come by the stream of events.
        int length = message.State == MessageState.Writing ? 0 : message.Text.Length;
        string place = $"{versions.IndexOf(message)}-{versions.Length}{(view.Tree.Leaf == message.Id ? "l" : "")}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{message.Id}.{(int)message.State}{(view.Turn is null ? "i" : "r")}.{place}.{length}");
    }

    /// <summary>Of a list of stamps.</summary>
    public static string Of(IEnumerable<string> stamps) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', stamps))))[..16];
}
