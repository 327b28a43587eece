using System.Security.Cryptography;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>Makes ids of responses and their items.</summary>
internal static class ResponseId
{
    /// <summary>A new id, such as <c>msg_</c> and 48 hexadecimal digits.</summary>
    public static string New(string kind) => $"{kind}_{RandomNumberGenerator.GetHexString(48, lowercase: true)}";
}
