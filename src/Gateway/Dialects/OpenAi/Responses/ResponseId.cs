using System.Security.Cryptography;
using System.Text;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>Makes ids of responses and their items.</summary>
internal static class ResponseId
{
    private const int Digits = 48;

    /// <summary>A new id, such as <c>msg_</c> and 48 hexadecimal digits.</summary>
    public static string New(string kind) => $"{kind}_{RandomNumberGenerator.GetHexString(Digits, lowercase: true)}";

    /// <summary>The id of a part of a response: the same again for a response that is made again.</summary>
    /// <param name="kind">What it is, such as <c>msg</c>.</param>
    /// <param name="response">The response's id.</param>
    /// <param name="place">Which of its parts, such as <c>output 0</c>.</param>
    public static string Of(string kind, string response, string place) =>
        $"{kind}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{response} {place}")))[..Digits]}";
}
